import { repeat } from '../../time/repeat.ts'

export interface RenewalOptions {
  /** Milliseconds between two renewals, and until the first. */
  readonly every: number
  /** @returns whether it was ours until now. */
  readonly renew: () => Promise<boolean>
  /** Told once, where it is not ours any more. */
  readonly onLost: () => void
  /**
   * For how many milliseconds a renewal is good, for a holder that must know by its own stopwatch that it has lost what it could not renew.
   * Undefined: whoever writes looks within its transaction, and a database that does not answer renews nothing for others either.
   */
  readonly goodFor?: number
}

/**
 * Renews a row of the database that counts for a while only: a lease, or the row of a server. It ends with {@link stop}, or for good
 * once the row is another's: what would be taken again is another term.
 *
 * Other leases are not renewed by this. The housekeeper's (`upkeep/lease-housekeeper.ts`) is asked for again after each loss, and its
 * terms end by a timer of their own. That of a bucket (`blobs/bucket-lease.ts`) is an object that is swapped, not a row: renewing it is looking at
 * it, and may end in several states.
 */
export class Renewal {
  readonly #options: RenewalOptions
  readonly #stopping = new AbortController()
  readonly #ended: Promise<void>
  #goodUntil: number

  constructor(options: RenewalOptions) {
    this.#options = options
    const { every, goodFor = Infinity } = options
    this.#goodUntil = performance.now() + goodFor
    this.#ended = repeat(
      { first: every, every },
      this.#stopping.signal,
      () => this.#renew(),
      () => {
        // The next one may come too late.
        if (performance.now() + every >= this.#goodUntil) this.#lose()
      },
    )
  }

  /** Resolves when the last renewal has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Nothing is to be renewed any more'))
    await this.#ended
  }

  async #renew(): Promise<undefined> {
    const { renew, goodFor = Infinity } = this.#options
    const begun = performance.now()
    if (await renew()) this.#goodUntil = begun + goodFor
    else this.#lose()
  }

  #lose(): void {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort(new Error('Somebody else has it'))
    this.#options.onLost()
  }
}
