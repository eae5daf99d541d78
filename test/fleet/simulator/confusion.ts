import type { Outcome, Scenario } from './history.ts'

/** How a history ended, as a person would see it. */
export const ENDINGS = ['done', 'done, said loudly', 'reverted', 'paused', 'other'] as const

/** @see ENDINGS */
export type Ending = (typeof ENDINGS)[number]

/** What was promoted against what came of it: how many histories, by row and ending. Plain data. */
export type Confusion = Record<string, Partial<Record<Ending, number>>>

/** How a history ended. A rollout that is done without its last step passed says why. */
export function endingOf({ state, isPassed }: Pick<Outcome, 'state' | 'isPassed'>): Ending {
  if (state === 'done') return isPassed ? 'done' : 'done, said loudly'
  return state === 'reverted' || state === 'paused' ? state : 'other'
}

/** The row of a history: what was promoted, and whether anything else went wrong. */
export function rowOf({ quality, faults }: Pick<Scenario, 'quality' | 'faults'>): string {
  return faults.length > 0 ? `${quality}, under faults` : quality
}

/** Counts a history. */
export function count(confusion: Confusion, row: string, ending: Ending): void {
  const counts = (confusion[row] ??= {})
  counts[ending] = (counts[ending] ?? 0) + 1
}

/** The histories of a row, of these endings or of all. */
export function histories(
  counts: Confusion[string] | undefined,
  endings: readonly Ending[] = ENDINGS,
): number {
  return endings.reduce((sum, ending) => sum + (counts?.[ending] ?? 0), 0)
}
