/** What a client published, and what it was told. Times are milliseconds of one clock that all clients read. */
export interface PublishOperation {
  readonly client: string
  readonly digest: string
  readonly asked: number
  readonly answered: number
  /**
   * The release, and whether it is a new one (201, and not 200); that nothing was changed (`refused`); or nothing, so that it may have
   * happened or not (`lost`).
   */
  readonly told: { readonly number: number; readonly isNew: boolean } | 'refused' | 'lost'
}

interface Acknowledged {
  readonly operation: PublishOperation
  readonly number: number
  readonly isNew: boolean
}

/**
 * Says what is wrong with the releases of a model: what was acknowledged is there, nothing is there that nobody sent, no number comes twice, and
 * they only rise.
 *
 * @param releases The digests of all releases in the end, by number.
 */
export function faultsOfReleases(
  history: readonly PublishOperation[],
  releases: ReadonlyMap<number, string>,
): string[] {
  const acknowledged = history.flatMap((operation): Acknowledged[] =>
    typeof operation.told === 'object' ? [{ operation, ...operation.told }] : [],
  )
  return [
    ...faultsOfAcknowledged(acknowledged, releases),
    ...faultsOfUnknown(history, releases),
    ...faultsOfOrder(acknowledged.filter(({ isNew }) => isNew)),
  ]
}

function faultsOfAcknowledged(
  acknowledged: readonly Acknowledged[],
  releases: ReadonlyMap<number, string>,
): string[] {
  return acknowledged.flatMap(({ operation: { client, digest }, number }) => {
    const kept = releases.get(number)
    if (kept === digest) return []
    const instead = kept === undefined ? 'is not there' : 'has other bytes'
    return [`release ${number}, which was acknowledged to ${client}, ${instead}`]
  })
}

/** Bytes are a release at most as often as somebody sent them and was not refused. */
function faultsOfUnknown(
  history: readonly PublishOperation[],
  releases: ReadonlyMap<number, string>,
): string[] {
  const left = new Map<string, number>()
  for (const { digest, told } of history)
    if (told !== 'refused') left.set(digest, (left.get(digest) ?? 0) + 1)
  return [...releases].flatMap(([number, digest]) => {
    const count = left.get(digest) ?? 0
    left.set(digest, count - 1)
    return count > 0 ? [] : [`nobody sent what release ${number} is, or was told that nothing was changed`]
  })
}

/** What was asked for after another one was answered has the higher number. */
function faultsOfOrder(acknowledged: readonly Acknowledged[]): string[] {
  const faults: string[] = []
  const answered = acknowledged.toSorted((one, other) => one.operation.answered - other.operation.answered)
  const asked = acknowledged.toSorted((one, other) => one.operation.asked - other.operation.asked)
  const owner = new Map<number, string>()
  let highest = 0
  let next = 0
  for (const { operation, number } of asked) {
    for (; (answered[next]?.operation.answered ?? Infinity) < operation.asked; next++)
      highest = Math.max(highest, answered[next]!.number)
    if (number <= highest)
      faults.push(`${operation.client} was given number ${number} after ${highest} had been given`)
    const other = owner.get(number)
    if (other !== undefined) faults.push(`number ${number} was given to ${other} and to ${operation.client}`)
    owner.set(number, operation.client)
  }
  return faults
}
