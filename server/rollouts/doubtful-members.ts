import { independenceKey } from '../fleet/independence.ts'
import { isMember } from './membership.ts'
import type { Step } from './rollout.ts'
import { isLost, type Unit } from './unit.ts'

/** Names that may be invented are left out: what remains is who polls. */
const NAMELESS = { needsToken: false }

/**
 * The bots of a step that cannot be told from others which are not in it: pulls need no token, and they poll over a network
 * from the same address. Of 400 names that one machine invents, one is the canary almost surely; by failing it would have a
 * good release taken back. "They make a step inconclusive, never failed, at once" (docs/rollouts.md).
 *
 * It is found when the step is frozen: what a bot does later makes it no less doubtful.
 *
 * @param before The step before; those who were doubtful there stay so.
 * @param units All of the tag.
 */
export function doubtfulMembers(
  members: readonly string[],
  before: Pick<Step, 'doubtful'> | undefined,
  units: readonly Unit[],
): string[] {
  const outsiders = new Set<string>()
  for (const unit of units) {
    if (!unit.isEvidence || !unit.mayBeInvented || isMember({ members }, unit) || isLost(unit)) continue
    outsiders.add(independenceKey(unit.source, NAMELESS))
  }
  const doubtful = new Set(before?.doubtful)
  if (outsiders.size > 0) {
    for (const unit of units) {
      if (!unit.mayBeInvented || !isMember({ members }, unit)) continue
      if (outsiders.has(independenceKey(unit.source, NAMELESS))) doubtful.add(unit.id)
    }
  }
  return [...doubtful]
}

/**
 * The bots that would be doubtful in a step that has some of the bots and not all, see `doubtfulMembers`. Which of them it has is
 * known when it begins.
 *
 * @param units All of the tag.
 */
export function doubtfulIfChosen(units: readonly Unit[]): string[] {
  const present = units.filter((unit) => unit.isEvidence && unit.mayBeInvented && !isLost(unit))
  const counts = new Map<string, number>()
  const keys = present.map(({ source }) => independenceKey(source, NAMELESS))
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return present.filter((_, index) => (counts.get(keys[index] ?? '') ?? 0) > 1).map(({ id }) => id)
}
