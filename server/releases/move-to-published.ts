import { DomainError } from '../errors/errors.ts'
import { findTagOrRefuse } from './find-or-refuse.ts'
import { endOf, type RolloutUnderWay } from './end-of-rollout.ts'
import type { Release } from './release.ts'
import type { TagChange } from './tag-mover.ts'
import { LATEST } from './tag.ts'
import type { TagWarning } from './tag-warning.ts'
import { warnOfOlderRasa } from './warn-of-older-rasa.ts'
import { warnOfPause } from './warn-of-pause.ts'
import { warnOfBegunWayBack } from './warn-of-way-back.ts'

/** Brings a release that was just published out on a tag; bytes that were taken back before move none. */
export async function moveToPublished(
  change: TagChange,
  tag: string,
  release: Release,
  { publishedBy, force = false }: { publishedBy: string; force?: boolean },
): Promise<TagWarning[]> {
  const { catalog } = change
  const { model, digest } = release
  const before = await catalog.findTag(model, tag)
  const from = before && (await catalog.findReleaseSummary(model, before.release))
  const underWay = await catalog.findRolloutUnderWay(model, tag)
  try {
    const move = { tag, to: release, by: publishedBy, reason: null, kind: 'publish', force } as const
    const outcome = await change.move(move)
    if (outcome === 'unchanged')
      return [warnOfPause(underWay, release.number)].filter((warning) => warning !== undefined)
    const now = await findTagOrRefuse(catalog, model, tag)
    const ended = underWay === undefined ? undefined : warnOfEnd(underWay, tag, release)
    const back = outcome === 'begun' ? warnOfBegunWayBack(before, now, release.number) : undefined
    return [ended, back, warnOfOlderRasa(tag, from, release)].filter((warning) => warning !== undefined)
  } catch (error) {
    // It says so before it changes anything, and the release is to be kept.
    const quarantine = isQuarantine(error) ? await catalog.findQuarantine(model, digest) : undefined
    if (quarantine === undefined) throw error
    return [warnOfQuarantine(tag, release, quarantine.reason)]
  }
}

/** Says that the publish ended a rollout that somebody may be waiting for, or had paused. */
function warnOfEnd(
  underWay: RolloutUnderWay,
  tag: string,
  { model, number }: Release,
): TagWarning | undefined {
  const { aborted, replaced } = endOf(underWay, number, 'publish')
  if (aborted === undefined && replaced === undefined) return undefined
  const { state, reason, to } = underWay
  const why = state === 'running' || reason === null ? '' : ` (${reason})`
  const was = { running: 'had not ended', paused: 'was paused', reverting: 'was being taken back' }[
    state as 'running' | 'paused' | 'reverting'
  ]
  const did = aborted === undefined ? 'replaced' : 'aborted'
  const message = `${model}@${tag}: this ${did} the rollout of release ${to.release}, which ${was}${why}`
  return { code: 'rollout-replaced', message }
}

function isQuarantine(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'release-quarantined'
}

function warnOfQuarantine(tag: string, { model, number }: Release, reason: string): TagWarning {
  // `latest` moves by itself: a person can only take it back, to this one too.
  const command = tag === LATEST ? 'rollback' : 'promote'
  return {
    code: 'release-quarantined',
    message:
      `${model}@${tag} stays as it is: the bytes of release ${number} were taken back before (${reason}); ` +
      `to bring it out all the same needs force (slipway ${command} ${model}@${tag} ${number} --force), ` +
      'or publish it with ?force=true',
  }
}
