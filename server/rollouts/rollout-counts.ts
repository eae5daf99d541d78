import type { Rollout, RolloutCounts } from './rollout.ts'
import { isLost, type Unit } from './unit.ts'
import { judgeUnit, type JudgedUnit } from './unit-status.ts'

/** What is counted of the bots of a tag for one rollout. */
export interface RolloutTally {
  readonly counts: { -readonly [Key in keyof RolloutCounts]: number }
  /** Bots that a step may have: they count as evidence and are not lost. */
  population: number
  /** When the step under way will have soaked, see `soakedUntil`. */
  soakedUntil: number | null
}

/** Nothing was counted yet. */
export function newTally(): RolloutTally {
  return {
    counts: { bots: 0, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 },
    population: 0,
    soakedUntil: null,
  }
}

/** Counts one more unit of the tag of a rollout. */
export function addToTally(tally: RolloutTally, { unit, status }: JudgedUnit): void {
  if (!unit.isEvidence) return
  tally.counts.bots++
  tally.counts[status === 'failed' || status === 'unclear' ? 'failing' : status]++
  if (!isLost(unit)) tally.population++
}

/** Counts the bots of a rollout. @param units All of its tag. */
export function rolloutCounts(rollout: Rollout, units: readonly Unit[]): RolloutCounts {
  return countJudged(units.map((unit) => judgeUnit(rollout, unit)))
}

/** The same, of units that were judged. */
export function countJudged(judged: readonly JudgedUnit[]): RolloutCounts {
  const tally = newTally()
  for (const each of judged) addToTally(tally, each)
  return tally.counts
}
