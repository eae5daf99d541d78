/** What a housekeeper wrote, and in which term it did. Times are milliseconds of one clock. */
export interface TermWrite {
  readonly server: string
  readonly epoch: number
  readonly asked: number
  readonly answered: number
}

/** Says which writes were made in a term after one in a later term was: who slept meanwhile must write nothing. */
export function faultsOfTerms(writes: readonly TermWrite[]): string[] {
  return writes.flatMap(({ server, epoch, asked }) => {
    const later = writes.find((other) => other.epoch > epoch && other.answered < asked)
    return later === undefined ? [] : [`${server} wrote in term ${epoch} after term ${later.epoch} had begun`]
  })
}
