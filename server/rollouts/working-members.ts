import { isExcluded } from './excluded-bots.ts'
import { isMember } from './membership.ts'
import type { Rollout, Step } from './rollout.ts'
import { isLost, wasOffered, type Unit } from './unit.ts'
import { judgeUnit } from './unit-status.ts'

/** "A bot lost before it was offered the release is left out; one lost after it stays in" (docs/rollouts.md). */
export function isJudged(step: Step, unit: Unit, { to }: Pick<Rollout, 'to'>): boolean {
  return isMember(step, unit) && (!isLost(unit) || wasOffered(unit, to.digest))
}

/**
 * The bots of a step by which it can be judged now: those that are there, and that nobody passed over. The others fill no places of the next one.
 *
 * @param units All of the tag.
 * @returns The names by which the step has them.
 */
export function workingMembers(rollout: Rollout, step: Step, units: readonly Unit[]): ReadonlySet<string> {
  const members = new Set(step.members)
  const names = new Set<string>()
  for (const unit of units) {
    if (!unit.isEvidence || !isJudged(step, unit, rollout)) continue
    if (!isExcluded(rollout, step, judgeUnit(rollout, unit)))
      names.add(members.has(unit.id) ? unit.id : unit.bot)
  }
  return names
}
