import { readableTime } from '../../protocol/readable-time.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { KnownMovedTag } from '../api/known-schemas.ts'

/** So long after Slipway took a release back, in milliseconds, a rollback may be of somebody who did not see it yet. */
const A_SHORT_WHILE = 60 * 60_000

/**
 * What a rollback that named no release met, in a line each: such a one goes to another release than its sender thought.
 *
 * @param rollouts Those of the tag after it, the last begun first.
 */
export function rollbackNotes(moved: KnownMovedTag, rollouts: readonly RolloutSummary[]): string[] {
  const [last, before] = rollouts
  if (last === undefined) return []
  if (before?.endedAt == null) return []
  if (moved.aborted !== undefined && isPassedOver(before, last))
    return [`note: release ${before.to} is passed over, as not all bots were seen running it`]
  if (last.to !== moved.release) return []
  const undo = `this went one release further back; slipway promote ${moved.model}@${moved.tag} ${moved.from} undoes it`
  if (before.state === 'replaced' && before.to === moved.replaced && before.from === moved.from)
    return [`note: release ${before.to} was being taken back already: ${undo}`]
  if (before.state === 'replaced' && before.to === moved.from && before.endedAt >= last.startedAt)
    return moved.replaced === undefined
      ? [`note: the bots were still on their way to release ${before.to}; they go on to ${moved.release}`]
      : []
  const age = Date.parse(last.startedAt) - Date.parse(before.endedAt)
  if (before.state !== 'reverted' || before.from !== moved.from || age > A_SHORT_WHILE) return []
  return [
    `note: Slipway had taken release ${before.to} back already, at ${readableTime(before.endedAt)}: ${undo}`,
  ]
}

/** Whether the rollout that was aborted had replaced another one, of which it kept what to go back to. */
function isPassedOver(before: RolloutSummary, aborted: RolloutSummary): boolean {
  return before.state === 'replaced' && before.from === aborted.from && before.to !== aborted.to
}
