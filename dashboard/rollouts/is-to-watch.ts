import type { RolloutSummary } from '../../protocol/rollout.ts'

/** Whether anything goes on: a rollout without steps that has no bots yet only waits for the first of them, for an hour. */
export function isToWatch({
  endedAt,
  steps,
  counts,
  state,
}: Pick<RolloutSummary, 'endedAt' | 'steps' | 'counts' | 'state'>): boolean {
  return endedAt === null && (steps.length > 1 || counts.bots > 0 || state !== 'running')
}
