import { hash } from 'node:crypto'
import type { Rollout, Step } from './rollout.ts'
import { stepSize } from './amount.ts'
import { isLost, processUnitId, type Unit } from './unit.ts'

/** What decides the order of bots in a rollout: known before it begins, so that a dry run tells the truth. */
export function orderSeed({ model, tag, to }: Pick<Rollout, 'model' | 'tag' | 'to'>): string {
  return `${model}@${tag} ${to.release}`
}

/**
 * The units of a step: "frozen when it begins: those heard of within their window, ordered by a hash of rollout and
 * bot, each step's a superset of the one before, rounded up to at least one" (docs/rollouts.md).
 *
 * @param before The units of the step before.
 */
export function freezeMembers(
  seed: string,
  target: Step['target'],
  before: readonly string[],
  units: readonly Unit[],
): string[] {
  const others = units
    .filter((unit) => unit.isEvidence && !isLost(unit) && !isMember({ members: before }, unit))
    .map(({ id }) => id)
  const population = before.length + others.length
  if (population === 0) return []
  const wanted = Math.max(before.length, stepSize(target, population))
  return [...before, ...inOrder(seed, others).slice(0, wanted - before.length)]
}

/** The same order for everybody who asks, and another one for each rollout: no bot is always the canary. */
function inOrder(seed: string, ids: readonly string[]): string[] {
  return ids
    .map((id) => ({ id, rank: hash('sha256', `${seed}\n${id}`) }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ id }) => id)
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

/**
 * Whether a unit belongs to a step; a set is made once for each list. A bot whose processes came to count by themselves since the
 * step began, or do not any more, is still of the step: nobody may drive it out by polling under its name.
 */
export function isMember(
  { members }: Pick<Step, 'members'>,
  { id, bot, processes }: Pick<Unit, 'id' | 'bot' | 'processes'>,
): boolean {
  let set = sets.get(members)
  if (set === undefined) sets.set(members, (set = new Set(members)))
  if (set.size === 0) return false
  return (
    set.has(id) || (id === bot ? processes.some((one) => set.has(processUnitId(bot, one))) : set.has(bot))
  )
}
