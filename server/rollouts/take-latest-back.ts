import { findSoundReleaseBefore } from '../releases/roll-back-tag.ts'
import type { Digest } from '../releases/release.ts'
import { LATEST, type Tag } from '../releases/tag.ts'
import type { Target } from '../fleet/process-record.ts'
import { backTo, evidenceOf } from './back-to.ts'
import { SLIPWAY, type Advanced, type Effect } from './effect.ts'
import type { RolloutChange } from './rollout-change.ts'
import type { Rollout } from './rollout.ts'
import { startRollout } from './start-rollout.ts'

/**
 * Takes `latest` back from a release that the bots of another tag just could not load: "`latest` goes back too"
 * (docs/rollouts.md). It was moved there by the publish, and whoever polls without a tag of people would be sent it. The same where
 * `latest` itself goes back, by itself or because somebody aborts, to a release that another tag took back while a newer one was
 * on its way.
 *
 * It goes where a rollback would lead, but to no release that was taken back. It stays where there is none, where it points at
 * another release, or where a rollout brings it elsewhere.
 *
 * @param advanced What became of the rollout of a tag, and is written already.
 * @param passedOver Where it must not go either: bots could not be sent these.
 */
export async function takeLatestBack(
  change: RolloutChange,
  advanced: Advanced,
  passedOver: ReadonlySet<Digest>,
): Promise<void> {
  if (!advanced.effects.some(isGoingBack)) return
  const { catalog, model } = change
  const tagged = await catalog.findTag(model, LATEST)
  if (tagged === undefined) return
  const evidence = await whyBack(change, advanced, destination(tagged, change.find(LATEST)))
  if (evidence === undefined) return
  const number = await findSoundReleaseBefore(catalog, { model, tag: LATEST }, passedOver)
  const to = number === null ? undefined : await catalog.findReleaseSummary(model, number)
  if (to === undefined) return
  const reason = backTo(to.number, evidence)
  // Whoever had a rollout of `latest` aborted in haste wants its bots back in haste, however far.
  const isHasty = advanced.rollout.tag === LATEST && advanced.rollout.hasty
  const move = { tag: LATEST, to, by: SLIPWAY, reason, kind: 'rollback', isHasty } as const
  await startRollout(change, move, [])
}

/** Of any tag, a release that was taken back; of `latest`, an abort as well ({@link whyBack}). */
function isGoingBack(effect: Effect): boolean {
  return effect.kind === 'quarantine' || (effect.kind === 'changed' && effect.state === 'reverting')
}

/** Where `latest` will be when the rollout that is under way has ended. */
function destination({ release, digest }: Tag, underWay: Rollout | null): Target {
  if (underWay === null) return { release, digest }
  return underWay.state === 'reverting' && underWay.from !== null ? underWay.from : underWay.to
}

/** Why it must not stay there, but for where it goes; undefined where it may stay. */
async function whyBack(
  { catalog, model }: RolloutChange,
  { rollout: { tag }, effects }: Advanced,
  { release, digest }: Target,
): Promise<string | undefined> {
  if (tag === LATEST) {
    const before = await catalog.findQuarantine(model, digest)
    return before && `release ${release} was taken back before: ${evidenceOf(before.reason)}`
  }
  const quarantine = effects.find((effect) => effect.kind === 'quarantine')
  if (quarantine?.target.digest !== digest) return undefined
  return `taken back from "${tag}": ${evidenceOf(quarantine.reason)}`
}
