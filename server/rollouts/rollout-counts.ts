import { isLeftAlone } from './breaker.ts'
import type { Rollout, RolloutCounts } from './rollout.ts'
import { failureOf, isLost, type Unit } from './unit.ts'
import { unitStatus } from './unit-status.ts'

/** What is counted of the bots of a tag for one rollout. */
export interface RolloutTally {
  readonly counts: { -readonly [Key in keyof RolloutCounts]: number }
  /** Bots that a step may have: they count as evidence and are not lost. */
  population: number
}

/** Nothing was counted yet. */
export function newTally(): RolloutTally {
  return { counts: { bots: 0, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 }, population: 0 }
}

/** Counts one more unit of the tag of a rollout. */
export function addToTally(tally: RolloutTally, { to, policy, probes }: Rollout, unit: Unit): void {
  if (!unit.isEvidence) return
  const status = unitStatus(unit, to, policy, probes[unit.id])
  tally.counts.bots++
  tally.counts[status === 'failed' || status === 'unclear' ? 'failing' : status]++
  if (!isLost(unit)) tally.population++
}

/** Counts the bots of a rollout. @param units All of its tag. */
export function rolloutCounts(rollout: Rollout, units: readonly Unit[]): RolloutCounts {
  const tally = newTally()
  for (const unit of units) addToTally(tally, rollout, unit)
  return tally.counts
}

/** The units that are left alone now: what is said loudly where nothing is concluded for others. */
export function leftAlone({ to, policy }: Rollout, units: readonly Unit[], now: number): Unit[] {
  return units.filter((unit) => isLeftAlone(failureOf(unit, to.digest), policy, now))
}
