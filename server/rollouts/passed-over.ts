import { isMember } from './membership.ts'
import type { Rollout, Step } from './rollout.ts'
import type { Unit } from './unit.ts'
import { judgeUnit, type JudgedUnit, type UnitStatus } from './unit-status.ts'

/** What a bot has come to of which no step needs to wait: nothing more is expected of it. */
const SETTLED: ReadonlySet<UnitStatus> = new Set(['failed', 'unclear', 'lost'])

/**
 * The bots that a person passes over who has a rollout leave its step: those of the step that were given up or are lost. Whoever does so has seen
 * them. In later steps, each a superset of this one, the same failures would stop the rollout again at once.
 *
 * @param units All of the tag.
 * @returns Those of the steps before as well.
 */
export function passedOver(rollout: Rollout, units: readonly Unit[]): string[] {
  const step = rollout.steps[rollout.step]
  const named = new Set(step?.passedOver)
  for (const unit of units) {
    if (step !== undefined && isMember(step, unit) && SETTLED.has(judgeUnit(rollout, unit).status))
      named.add(unit.id)
  }
  return [...named]
}

/**
 * Whether a bot "that a person passed over with `advance`, as it was left alone or lost, is left out of later steps" (docs/rollouts.md): one that loads
 * the release after all, or tries to, counts as any other.
 */
export function isPassedOver({ passedOver = [] }: Step, { unit, status }: JudgedUnit): boolean {
  return SETTLED.has(status) && passedOver.length > 0 && isMember({ members: passedOver }, unit)
}
