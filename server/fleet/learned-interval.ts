const KEPT_GAPS = 5

/** Rasa takes whole seconds between polls (core/agent.py: `int()`); what comes sooner is a proxy's retry. */
const SHORTEST = 1000

/** Adds a gap between two polls in sync to those that are remembered, milliseconds. */
export function rememberGap(gaps: readonly number[], gap: number): readonly number[] {
  return gap < SHORTEST ? gaps : [...gaps.slice(1 - KEPT_GAPS), gap]
}

/**
 * "The learned interval is the median of the last gaps between polls in sync" (docs/rollouts.md).
 *
 * @returns Milliseconds; undefined where no gap was seen yet.
 */
export function learnedInterval(gaps: readonly number[]): number | undefined {
  const sorted = gaps.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}
