import type { RolloutSummary } from './rollout.ts'

/** Whether the step under way is inconclusive by bots that were left alone: `resume` does not offer them the release again, `retry` does. */
export function isLeftAlone({
  steps,
  step,
  counts,
}: Pick<RolloutSummary, 'steps' | 'step' | 'counts'>): boolean {
  return steps[step]?.state === 'inconclusive' && counts.failing > 0
}
