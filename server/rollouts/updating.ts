import type { ProcessRecord } from '../fleet/process-record.ts'
import { isUpdatingProcess } from '../fleet/updating-processes.ts'
import { leftBehind } from './left-behind.ts'
import { isMember } from './membership.ts'
import type { Rollout } from './rollout.ts'
import { isLost, presentOf, type Unit } from './unit.ts'

/** Whether a unit is loading or draining: what `maxUpdating` counts and `/ready` tells. */
export function isUpdating(unit: Pick<Unit, 'processes'>): boolean {
  return updatingProcesses(unit).length > 0
}

/**
 * The processes of a unit that load or drain, those that speak for it first.
 *
 * A process that another one seems to have replaced is among them until that one runs something, and as many began as had fallen
 * silent, or the silence has become a loss: where one of several workers began anew, it may be another that is silent, and
 * loads still.
 */
export function updatingProcesses(unit: Pick<Unit, 'processes'>): readonly ProcessRecord[] {
  const { processes } = unit
  const present = presentOf(unit).filter(isUpdatingProcess)
  const replaced = processes.filter(
    ({ offer, lostAt, replacedBy }) => offer !== null && lostAt === null && replacedBy !== null,
  )
  if (replaced.length === 0) return present
  const left = leftBehind(processes)
  return [...present, ...replaced.filter((one) => hasNoSuccessor(one, processes) || left.has(one))]
}

/** Whether what took its place has come to run nothing yet, nor what took the place of that one. */
function hasNoSuccessor(replaced: ProcessRecord, processes: readonly ProcessRecord[]): boolean {
  let last: ProcessRecord | undefined = replaced
  // No more turns than there are processes: whatever stands in the rows, it ends.
  for (let turn = 0; turn < processes.length && last?.replacedBy != null; turn++) {
    const { replacedBy }: ProcessRecord = last
    last = processes.find(({ process }) => process === replacedBy)
  }
  return last !== undefined && last !== replaced && last.digest === null
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
