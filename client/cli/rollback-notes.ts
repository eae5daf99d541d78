import { readableTime } from '../../protocol/readable-time.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { KnownMovedTag } from '../api/known-schemas.ts'

/** So long after Slipway took a release back, in milliseconds, a rollback may be of somebody who did not see it yet. */
const A_SHORT_WHILE = 60 * 60_000

/**
 * What a rollback that named no release met, in a line each: such a one goes to another release than its sender thought.
 *
 * @param rollouts Those of the tag after it, the last begun first.
 * @param given The reason that was sent with it.
 */
export function rollbackNotes(
  moved: KnownMovedTag,
  rollouts: readonly RolloutSummary[],
  given?: string,
): string[] {
  const [last, before] = rollouts
  if (last === undefined) return []
  if (last.to !== moved.release) return isAbortedBy(moved, last, given) ? [aborted(last)] : []
  if (before?.endedAt == null) return []
  const where = `${moved.model}@${moved.tag}`
  if (before.state === 'replaced' && before.to === moved.from && before.endedAt >= last.startedAt)
    return moved.replaced === undefined
      ? [`note: the bots were still on their way to release ${before.to}; they go on to ${moved.release}`]
      : []
  const age = Date.parse(last.startedAt) - Date.parse(before.endedAt)
  if (before.state !== 'reverted' || before.from !== moved.from || age > A_SHORT_WHILE) return []
  return [
    `note: Slipway had taken release ${before.to} back already, at ${readableTime(before.endedAt)}: this went one release further back; slipway promote ${where} ${moved.from} undoes it`,
  ]
}

/** Whether it was this rollback that ended the rollout, and not what went on before it. */
function isAbortedBy(
  { release }: KnownMovedTag,
  { reason, to, state }: RolloutSummary,
  given: string | undefined,
): boolean {
  if (reason === null || (state !== 'aborted' && state !== 'reverting')) return false
  return (
    reason === given ||
    reason.endsWith(`rolled back to release ${release}, which aborted the rollout of ${to}`)
  )
}

function aborted({ to }: RolloutSummary): string {
  return `note: this aborted the rollout of release ${to}, which was under way`
}
