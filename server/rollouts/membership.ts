import { stepSize } from './amount.ts'
import type { Rollout, Step } from './rollout.ts'
import { isLost, processUnitId, type Unit } from './unit.ts'

/** Random bytes of the order in which the bots of a rollout come. */
const ORDER_BYTES = 16

/**
 * Draws what decides the order of bots in a rollout. Where pulls need no token anybody may choose the name of a bot: by what he
 * knows he must not find one that comes first.
 */
export function drawOrder(random: (bytes: number) => Buffer): string {
  return random(ORDER_BYTES).toString('hex')
}

/** What decides the order of bots in a rollout, the same on each server and after each start. */
export function orderSeed({
  model,
  tag,
  to,
  order,
}: Pick<Rollout, 'model' | 'tag' | 'to' | 'order'>): string {
  return order ?? `${model}@${tag} ${to.release}`
}

/**
 * The units of a step: "frozen when it begins: those heard of within their window, ordered by a hash of rollout and
 * bot, each step's a superset of the one before, rounded up to at least one" (docs/rollouts.md).
 *
 * @param seed See {@link orderSeed}.
 * @param before The units of the step before that this one has, too.
 * @param idle How many of those are gone, lost, or were passed over by a person: "such bots fill no places of later steps" (docs/rollouts.md), or the next
 *   step would be one of the same bots, and be judged by nobody.
 */
export function freezeMembers(
  seed: string,
  target: Step['target'],
  before: readonly string[],
  units: readonly Unit[],
  idle = 0,
): string[] {
  const others = units
    .filter((unit) => unit.isEvidence && !isLost(unit) && !isMember({ members: before }, unit))
    .map(({ id }) => id)
  const population = before.length + others.length
  if (population === 0) return []
  // A share is one of those that are there.
  const wanted = Math.max(before.length, idle + stepSize(target, population - idle))
  const free = wanted - before.length
  return [...before, ...(free === others.length ? others : firstOf(seed, others, free))]
}

/** The first of them in an order that is the same for everybody who asks, and another one for each rollout: no bot is always the canary. */
function firstOf(seed: string, ids: readonly string[], count: number): string[] {
  const start = mixIn(0x811c9dc5, seed)
  const ranks = Uint32Array.from(ids, (id) => finish(mixIn(start, id)))
  // Of 50,000 only those that are chosen are compared by name.
  const last = ranks.toSorted()[count - 1] ?? -1
  return ids
    .map((id, index) => ({ id, rank: ranks[index] ?? 0 }))
    .filter(({ rank }) => rank <= last)
    .toSorted((one, other) => one.rank - other.rank || (one.id < other.id ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id)
}

/**
 * 32 bits by FNV-1a (draft-eastlake-fnv). SHA-256 took ten times as long for 50,000 names, with polls waiting. What it begins
 * with is secret and another one for each rollout: who polls cannot work out where a name comes.
 */
function mixIn(hash: number, text: string): number {
  let mixed = hash
  for (let index = 0; index < text.length; index++) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193)
  }
  return mixed
}

/** Mixes once more, so that names that differ at their ends alone do not come one after another. */
function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  const again = Math.imul(mixed ^ (mixed >>> 15), 0x45d9f3b)
  return (again ^ (again >>> 16)) >>> 0
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

/**
 * Whether a unit belongs to a step; a set is made once for each list. "A bot whose processes came to count by themselves since a
 * step began, or do not any more, is still of it" (docs/rollouts.md): nobody may drive it out by polling under its name.
 */
export function isMember(
  { members, isForAll }: Pick<Step, 'members' | 'isForAll'>,
  { id, bot, processes }: Pick<Unit, 'id' | 'bot' | 'processes'>,
): boolean {
  if (isForAll === true) return true
  let set = sets.get(members)
  if (set === undefined) sets.set(members, (set = new Set(members)))
  if (set.size === 0) return false
  return (
    set.has(id) || (id === bot ? processes.some((one) => set.has(processUnitId(bot, one))) : set.has(bot))
  )
}

/** The names by which a step has a unit, see {@link isMember}; none where it is not of it, or of one for all bots. @param members Those of the step. */
export function memberNames(members: ReadonlySet<string>, { id, bot, processes }: Unit): string[] {
  if (members.has(id)) return [id]
  if (id !== bot) return members.has(bot) ? [bot] : []
  return processes.map((one) => processUnitId(bot, one)).filter((name) => members.has(name))
}
