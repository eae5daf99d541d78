import { isExcluded } from './excluded-bots.ts'
import { isMember, memberNames } from './membership.ts'
import type { Rollout, Step } from './rollout.ts'
import { isLost, wasOffered, type Unit } from './unit.ts'
import { judgeUnit } from './unit-status.ts'

/** "A bot lost before it was offered the release is left out; one lost after it stays in" (docs/rollouts.md). */
export function isJudged(step: Step, unit: Unit, { to }: Pick<Rollout, 'to'>): boolean {
  return isMember(step, unit) && (!isLost(unit) || wasOffered(unit, to.digest))
}

/** Whether the verdict of a step is by this unit, too: it counts as evidence, is judged, and nobody passed it over. */
export function countsForVerdict(rollout: Rollout, step: Step, unit: Unit): boolean {
  if (!unit.isEvidence || !isJudged(step, unit, rollout)) return false
  return !isExcluded(rollout, step, judgeUnit(rollout, unit))
}

/**
 * The bots of a step that may still show something: those that are there, and that nobody passed over. The others fill no places of the next one, also
 * those that were lost with the release.
 *
 * @param units All of the tag.
 * @returns The names by which the step has them.
 */
export function workingMembers(rollout: Rollout, step: Step, units: readonly Unit[]): ReadonlySet<string> {
  const members = new Set(step.members)
  const names = new Set<string>()
  for (const unit of units) {
    if (isLost(unit) || !countsForVerdict(rollout, step, unit)) continue
    // Of processes that were of the step each, and came to be one bot since, some may have ended.
    const [name] = memberNames(members, unit)
    if (name !== undefined) names.add(name)
  }
  return names
}

/** Whether a step can be judged by one of its bots. @param units All of the tag. */
export function isJudgeable(rollout: Rollout, step: Step, units: readonly Unit[]): boolean {
  return units.some((unit) => countsForVerdict(rollout, step, unit))
}

/**
 * The bots of a step that the next one has, too: without those that were lost before they were offered the release. They run what they ran before
 * it, and where they come back they are as bots that appear later: beside those that took their places the step would have more than its policy says.
 * The last step has all bots, these too.
 *
 * @param units All of the tag. One that the step has, and of which nothing is known any more, stays.
 * @param next Which step the next one is, from 0.
 */
export function remainingMembers(
  { to, steps }: Pick<Rollout, 'to' | 'steps'>,
  step: Step,
  units: readonly Unit[],
  next: number,
): readonly string[] {
  if (next === steps.length - 1) return step.members
  const members = new Set(step.members)
  const left = new Set<string>()
  const others = new Set<string>()
  for (const unit of units) {
    const names = isLost(unit) && !wasOffered(unit, to.digest) ? left : others
    for (const name of memberNames(members, unit)) names.add(name)
  }
  return step.members.filter((name) => !left.has(name) || others.has(name))
}
