import { isLeftAlone } from './breaker.ts'
import type { Rollout } from './rollout.ts'
import { failureOf, type Unit } from './unit.ts'
import { unitStatus } from './unit-status.ts'

/** How far the bots of a rollout are: each that counts as evidence in one of them. */
export interface RolloutCounts {
  bots: number
  updated: number
  loading: number
  failing: number
  waiting: number
  lost: number
}

/** Counts the bots of a rollout. @param units All of the tag. */
export function rolloutCounts({ to, policy, probes }: Rollout, units: readonly Unit[]): RolloutCounts {
  const counts: RolloutCounts = { bots: 0, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 }
  for (const unit of units) {
    if (!unit.isEvidence) continue
    const status = unitStatus(unit, to, policy, probes[unit.id])
    counts.bots++
    counts[status === 'failed' || status === 'unclear' ? 'failing' : status]++
  }
  return counts
}

/** The units that are left alone now: what is said loudly where nothing is concluded for others. */
export function leftAlone({ to, policy }: Rollout, units: readonly Unit[], now: number): Unit[] {
  return units.filter((unit) => isLeftAlone(failureOf(unit, to.digest), policy, now))
}
