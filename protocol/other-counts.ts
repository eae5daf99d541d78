import type { RolloutSummary } from './rollout.ts'

/**
 * What the bots do that do not run the release of a rollout: `1 loading`, `6 waiting`. None waits once it has ended; while its release is taken back,
 * only those are told that may still come to run it.
 */
export function otherCounts({
  counts,
  endedAt,
  state,
}: Pick<RolloutSummary, 'counts' | 'endedAt' | 'state'>): string[] {
  if (state === 'reverting')
    return [
      ...(counts.loading > 0 ? [`${counts.loading} loading it`] : []),
      ...(counts.lost > 0 ? [`${counts.lost} lost`] : []),
    ]
  return (['loading', 'failing', 'waiting', 'lost'] as const)
    .filter((status) => counts[status] > 0 && (endedAt === null || status !== 'waiting'))
    .map((status) => `${counts[status]} ${status}`)
}
