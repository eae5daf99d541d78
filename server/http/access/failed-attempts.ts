import type { Clock } from '../../time/clock.ts'

const WINDOW_MILLISECONDS = 60_000
/** Beyond this many addresses the oldest is forgotten: guessing must not fill the memory. */
const REMEMBERED_ADDRESSES = 10_000

/**
 * Counts requests with wrong tokens by address, so that guessing is slowed down. Right tokens are never held up:
 * behind one address there may be many bots, and one with an old token must not lock the others out.
 */
export class FailedAttempts {
  readonly #clock: Clock
  readonly #allowed: number
  readonly #windows = new Map<string, { since: number; count: number }>()

  /** @param allowed Failures that an address has in each minute. */
  constructor(clock: Clock, allowed: number) {
    this.#clock = clock
    this.#allowed = allowed
  }

  /**
   * Counts one failure.
   *
   * @returns Whether the address has had more than it may.
   */
  add(address: string): boolean {
    const now = this.#clock.now()
    let window = this.#windows.get(address)
    if (window === undefined || now - window.since >= WINDOW_MILLISECONDS || now < window.since) {
      window = { since: now, count: 0 }
      this.#windows.delete(address)
      this.#windows.set(address, window)
      const [oldest] = this.#windows.keys()
      if (oldest !== undefined && this.#windows.size > REMEMBERED_ADDRESSES) this.#windows.delete(oldest)
    }
    window.count += 1
    return window.count > this.#allowed
  }
}
