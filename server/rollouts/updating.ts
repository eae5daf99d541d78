import { isUpdatingProcess } from '../fleet/updating-processes.ts'
import { isMember } from './membership.ts'
import type { Rollout } from './rollout.ts'
import { isLost, presentOf, type Unit } from './unit.ts'

/** Whether a unit is loading or draining: what `maxUpdating` counts and `/ready` tells. */
export function isUpdating(unit: Pick<Unit, 'processes'>): boolean {
  return presentOf(unit).some(isUpdatingProcess)
}

/**
 * Whether a unit takes one of the places of `maxUpdating`. "Only evidence bots take places. A bot lost after an offer
 * keeps its place until it is heard again, the rollout is aborted, or its step has its verdict" (docs/rollouts.md). It
 * keeps none in a later rollout: a pod that was deleted while it was loading will never be heard again.
 */
export function takesPlace(unit: Unit, rollout: Rollout | null): boolean {
  if (!unit.isEvidence || !isUpdating(unit)) return false
  if (!isLost(unit)) return true
  if (rollout === null || rollout.goal === 'aborted') return false
  const step = rollout.steps.find((each) => isMember(each, unit))
  if (step !== undefined) return step.endedAt === null
  return presentOf(unit).some(({ lastSeen }) => lastSeen >= rollout.startedAt)
}

/** Places of `maxUpdating` that are taken, and the units that a share of it is taken of. */
export interface PlacesTaken {
  readonly taken: number
  readonly population: number
}

/** Counts the places that are taken. @param units All of a tag of which a process updates, at least. */
export function countTaken(units: readonly Unit[], rollout: Rollout | null): number {
  return units.filter((unit) => takesPlace(unit, rollout)).length
}

/** Counts the units that a share of places is taken of. @param units All of a tag. */
export function countPopulation(units: readonly Unit[]): number {
  return units.filter((unit) => unit.isEvidence && !isLost(unit)).length
}
