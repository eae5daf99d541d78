/** A change of a tag that a client asked for, or a look at it, with when it was asked and when it was answered. */
export interface TagOperation {
  readonly client: string
  /** The release that it was to move to, or that was seen. */
  readonly release: number
  readonly kind: 'moved' | 'seen'
  readonly asked: number
  readonly answered: number
}

/**
 * Says what is wrong with what clients saw of a tag that each of them moved by compare-and-set, each to releases that nobody else moves
 * it to: a register must look as if each operation had happened at one moment between its question and its answer.
 *
 * @param moves The releases that the tag went through, from the first on, by its own history: `from` and `to` of each move.
 */
export function faultsOfHistory(
  operations: readonly TagOperation[],
  moves: readonly { from: number | null; to: number | null }[],
): string[] {
  const faults: string[] = []
  const position = new Map<number, number>()
  for (const [index, { from, to }] of moves.entries()) {
    const before = index === 0 ? null : (moves[index - 1]?.to ?? null)
    if (from !== before) faults.push(`a move from ${String(from)} came after one to ${String(before)}`)
    if (to === null) continue
    if (position.has(to)) faults.push(`release ${to} was moved to twice`)
    position.set(to, index)
  }
  for (const { client, kind, release } of operations) {
    if (!position.has(release))
      faults.push(`${client} ${kind} release ${release}, which the history does not know`)
  }
  const positions = operations.map((operation) => ({ operation, at: position.get(operation.release) ?? -1 }))
  for (const { operation, at } of positions) {
    const isBehind = positions.some((other) => other.operation.answered < operation.asked && other.at > at)
    if (!isBehind) continue
    const { client, kind, release } = operation
    faults.push(`${client} ${kind} release ${release} after a later one had been answered`)
  }
  return faults
}
