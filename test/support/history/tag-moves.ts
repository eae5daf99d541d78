import type { TagOperation } from './tag-register.ts'
import type { KnownMove } from './tag-views.ts'

/** A move as the tag's own history tells it. */
export interface ToldMove {
  readonly from: number | null
  readonly to: number | null
  /** The name that whoever asked for it gave as its reason. */
  readonly reason: string | null
}

/** An operation of a tag with its name; empty: it moved nothing. */
export interface NamedOperation extends TagOperation {
  readonly name: string
}

/**
 * Says what is wrong with the history that a tag tells of itself: each move begins where the one before ended, what was acknowledged is in it
 * once, and nothing that nobody asked for, or that was refused.
 *
 * @param moves From the first on.
 */
export function faultsOfMoves(operations: readonly NamedOperation[], moves: readonly ToldMove[]): string[] {
  const faults: string[] = []
  for (const [index, { from, to }] of moves.entries()) {
    const before = index === 0 ? null : (moves[index - 1]?.to ?? null)
    if (from !== before)
      faults.push(`a move from ${String(from)} to ${String(to)} came after one to ${String(before)}`)
  }
  const times = new Map<string | null, number>()
  for (const { reason } of moves) times.set(reason, (times.get(reason) ?? 0) + 1)
  for (const { client, name, step } of operations) {
    if (step.kind === 'read' || name === '') continue
    const count = times.get(name) ?? 0
    times.delete(name)
    const what = `the move of ${client} to ${step.to}`
    if (count > 1) faults.push(`${what} is ${count} times in the history`)
    if ((step.told === 'refused' || step.told === 'failed') && count > 0)
      faults.push(`${what} ${step.told === 'failed' ? 'failed' : 'was refused'}, and is in the history`)
    if (typeof step.told === 'object' && count === 0)
      faults.push(`${what} was acknowledged, and is not in the history`)
  }
  for (const name of times.keys())
    faults.push(`the history has a move that nobody asked for: ${String(name)}`)
  return faults
}

/**
 * Says which releases are not where they were tagged as they were published: that is one change, so each of them is in the history of the tag,
 * once, in the order of their numbers.
 *
 * @param moves Of a tag that nothing else moves, from the first on.
 */
export function faultsOfTagged(moves: readonly ToldMove[], releases: readonly number[]): string[] {
  const published = releases.toSorted((one, other) => one - other)
  const tagged = moves.map(({ to }) => to)
  const length = Math.max(published.length, tagged.length)
  const first = Array.from({ length }).findIndex((_, index) => published[index] !== tagged[index])
  if (first === -1) return []
  return [`${nameOf(published[first])} was published, and ${nameOf(tagged[first])} tagged in its place`]
}

/**
 * What is left of operations without the moves that were lost and never made: each of them could have happened at any moment, and a history with
 * many of these can have gone in more ways than anybody can look at.
 */
export function withoutUnmade<Told extends NamedOperation>(
  operations: readonly Told[],
  moves: readonly ToldMove[],
): Told[] {
  const made = new Set(moves.map(({ reason }) => reason))
  return operations.filter(({ name, step }) => step.kind === 'read' || step.told !== 'lost' || made.has(name))
}

/** When each move of a tag may have happened, by whoever asked for it. */
export function knownMoves(operations: readonly NamedOperation[], moves: readonly ToldMove[]): KnownMove[] {
  const byName = new Map<string | null, NamedOperation>(operations.map((each) => [each.name, each]))
  return moves.flatMap(({ to, reason }) => {
    const { asked = -Infinity, answered = Infinity } = byName.get(reason) ?? {}
    return to === null ? [] : [{ release: to, asked, answered }]
  })
}

function nameOf(release: number | null | undefined): string {
  return typeof release === 'number' ? `release ${release}` : 'nothing'
}
