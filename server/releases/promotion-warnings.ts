import type { RolloutPreview } from '../../protocol/rollout-preview.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import { warnOfSkippedSteps } from './warn-of-skipped-steps.ts'
import { warnOfPause } from './warn-of-pause.ts'
import type { TagWarning } from './tag-warning.ts'
import { warnOfOlderRasa } from './warn-of-older-rasa.ts'
import { warnOfRollback } from './warn-of-rollback.ts'
import { warnOfWayBack } from './warn-of-way-back.ts'

/** A promotion that somebody thinks about. */
export interface ForeseenPromotion {
  readonly model: string
  readonly tag: string
  readonly release: number
  /** What it would come to. */
  readonly outcome: RolloutPreview['outcome']
  /** What its rollout would go back to; null: nothing. */
  readonly from: number | null
  /** How many steps that would have. */
  readonly steps: number
  /** @see RequestedMove.namesNone */
  readonly namesNone?: boolean
  /** Whether it takes none of the steps of the tag's policy. */
  readonly isRollback?: boolean
}

/** What somebody should look at before a tag moves: what the promotion would warn of, or be refused for. */
export async function promotionWarnings(
  catalog: CatalogReader,
  {
    model,
    tag,
    release,
    outcome,
    from: stable,
    steps,
    namesNone = false,
    isRollback = false,
  }: ForeseenPromotion,
): Promise<TagWarning[]> {
  const to = await catalog.findReleaseSummary(model, release)
  if (to === undefined) return []
  if (outcome === 'unchanged') {
    const pause = warnOfPause(await catalog.findRolloutUnderWay(model, tag), release)
    return pause === undefined ? [] : [pause]
  }
  const warnings: TagWarning[] = []
  const there = await catalog.findTag(model, tag)
  if (namesNone && there !== undefined) {
    const further = await warnOfRollback(catalog, there, release)
    if (further !== undefined) warnings.push(further)
  }
  if (outcome === 'rollout') {
    const skipped =
      isRollback &&
      !namesNone &&
      there &&
      (await warnOfSkippedSteps(catalog, there, release, { isDone: false }))
    if (skipped) warnings.push(skipped)
    const from = there && (await catalog.findReleaseSummary(model, there.release))
    const older = warnOfOlderRasa(tag, from, to)
    const back = stable === null ? undefined : await catalog.findReleaseSummary(model, stable)
    if (steps > 1 && there !== undefined && back !== undefined && back.digest !== there.digest)
      warnings.push(warnOfWayBack(there, there.release, back.number, release))
    if (older !== undefined) warnings.push(older)
  }
  const isAbort = outcome === 'abort' && namesNone
  const quarantine = isAbort ? undefined : await catalog.findQuarantine(model, to.digest)
  if (quarantine !== undefined) {
    const message = `release ${release} of ${model} was taken back before (${quarantine.reason}); promoting it needs force`
    warnings.push({ code: 'release-quarantined', message })
  }
  return warnings
}
