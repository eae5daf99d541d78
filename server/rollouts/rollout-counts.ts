import type { Rollout, RolloutCounts } from './rollout.ts'
import { isLost, type Unit } from './unit.ts'
import { countsForVerdict } from './working-members.ts'
import { judgeUnit, type JudgedUnit, type UnitStatus } from './unit-status.ts'

/** What is counted of the bots of a tag for one rollout. */
export interface RolloutTally {
  readonly counts: { -readonly [Key in keyof RolloutCounts]: number }
  /** Bots that a step may have: they count as evidence and are not lost. */
  population: number
  /** Bots of the step under way that were left alone, without those that a person passed over. */
  leftAlone: number
  /** When the step under way will have soaked, see `soakedUntil`. */
  soakedUntil: number | null
}

/** Nothing was counted yet. */
export function newTally(): RolloutTally {
  return {
    counts: { bots: 0, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 },
    population: 0,
    leftAlone: 0,
    soakedUntil: null,
  }
}

/** Counts one more unit of the tag of a rollout. */
export function addToTally(tally: RolloutTally, rollout: Rollout, judged: JudgedUnit): void {
  const { unit, status } = judged
  if (!unit.isEvidence) return
  addToCounts(tally.counts, judged)
  if (!isLost(unit)) tally.population++
  const step = rollout.steps[rollout.step]
  if (step !== undefined && isLeftAlone(status) && countsForVerdict(rollout, step, unit)) tally.leftAlone++
}

function addToCounts(counts: RolloutTally['counts'], { status }: JudgedUnit): void {
  counts.bots++
  counts[isLeftAlone(status) ? 'failing' : status]++
}

function isLeftAlone(status: UnitStatus): status is 'failed' | 'unclear' {
  return status === 'failed' || status === 'unclear'
}

/** Counts the bots of a rollout. @param units All of its tag. */
export function rolloutCounts(rollout: Rollout, units: readonly Unit[]): RolloutCounts {
  return countJudged(units.map((unit) => judgeUnit(rollout, unit)))
}

/** The same, of units that were judged. */
export function countJudged(judged: readonly JudgedUnit[]): RolloutCounts {
  const { counts } = newTally()
  for (const each of judged) if (each.unit.isEvidence) addToCounts(counts, each)
  return counts
}
