import type { Clock } from '../../time/clock.ts'

/** So many seconds' worth may come at once: a pipeline that looks at every release does no harm. */
const BURST_SECONDS = 10
/** Beyond this many names the one that was quiet for longest starts anew. */
const MAX_REMEMBERED = 10_000

interface Bucket {
  /** Requests that may still come at once. */
  left: number
  /** When that was computed, in milliseconds since 1970. */
  at: number
}

/**
 * How many requests each token, or each address, may send: a token bucket for each name, so that a program that asks without end
 * keeps nobody else from being answered.
 */
export class RequestRate {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  /** By the name of the token, or the address, the one that was quiet for longest first. */
  readonly #buckets = new Map<string, Bucket>()

  /** @param perSecond Requests that each may send in a second; ten times as many at once. */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = perSecond * BURST_SECONDS
  }

  /** Takes down one request of that name. @returns whether it may be answered. */
  tryTake(name: string): boolean {
    const now = this.#clock.now()
    const left = this.#leftAt(this.#buckets.get(name), now)
    const isAllowed = left >= 1
    this.#buckets.delete(name)
    this.#buckets.set(name, { left: isAllowed ? left - 1 : left, at: now })
    if (this.#buckets.size > MAX_REMEMBERED) this.#evictOldest()
    return isAllowed
  }

  #leftAt(bucket: Bucket | undefined, now: number): number {
    if (bucket === undefined) return this.#burst
    // A clock that was set back gives nothing, and takes nothing.
    const seconds = Math.max(0, now - bucket.at) / 1000
    return Math.min(this.#burst, bucket.left + seconds * this.#perSecond)
  }

  #evictOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
