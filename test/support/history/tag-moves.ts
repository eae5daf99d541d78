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

/** When each move of a tag may have happened, by whoever asked for it. */
export function knownMoves(operations: readonly NamedOperation[], moves: readonly ToldMove[]): KnownMove[] {
  const byName = new Map<string | null, NamedOperation>(operations.map((each) => [each.name, each]))
  return moves.flatMap(({ to, reason }) => {
    const { asked = -Infinity, answered = Infinity } = byName.get(reason) ?? {}
    return to === null ? [] : [{ release: to, asked, answered }]
  })
}
