/** Issued to one publisher within an hour: so many have an entry each. */
const ENTRIES_AN_HOUR = 30
/** Of those beyond, one of so many has. */
const ONE_OF = 100
const HOUR = 60 * 60_000
/** There are at most 200 publishers at a time; names of former ones are forgotten. */
const MOST_NAMES = 1_000

/**
 * Chooses which tokens that were issued for some minutes get an entry of their own. A publisher may get one a second: 86,400
 * entries a day would push the rest of the audit out within weeks. So it is some 1,600 a day at most, and none is left uncounted.
 */
export class IssuedTokens {
  readonly #counts = new Map<string, { hour: number; issued: number; uncounted: number }>()

  /**
   * Takes down that a publisher got a token.
   *
   * @param now Milliseconds since 1970.
   * @returns how many came before it without an entry of their own; undefined: it gets none.
   */
  note(publisher: string, now: number): number | undefined {
    const hour = Math.floor(now / HOUR)
    const before = this.#counts.get(publisher)
    const issued = before?.hour === hour ? before.issued + 1 : 1
    const uncounted = before?.uncounted ?? 0
    const isTold = issued <= ENTRIES_AN_HOUR || issued % ONE_OF === 0
    if (this.#counts.size >= MOST_NAMES) this.#counts.clear()
    this.#counts.set(publisher, { hour, issued, uncounted: isTold ? 0 : uncounted + 1 })
    return isTold ? uncounted : undefined
  }
}
