/** Remembers what failed, and for how long to leave it alone: twice as long each time. */
export class BackOff {
  readonly #held = new Map<string, { until: number; pauseMs: number }>()
  readonly #firstMs: number
  readonly #longestMs: number
  readonly #now: () => number

  /** @param now Milliseconds that only grow. */
  constructor(firstMs: number, longestMs: number, now: () => number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
    this.#now = now
  }

  /** Has `key` left alone for a while; returns for how many milliseconds. */
  hold(key: string): number {
    const before = this.#held.get(key)?.pauseMs
    const pauseMs = before === undefined ? this.#firstMs : Math.min(before * 2, this.#longestMs)
    this.#held.set(key, { until: this.#now() + pauseMs, pauseMs })
    this.#forgetTheOld()
    return pauseMs
  }

  /** Whether `key` is to be left alone now. */
  isHeld(key: string): boolean {
    return (this.#held.get(key)?.until ?? 0) > this.#now()
  }

  /** Forgets the failures of `key`. */
  release(key: string): void {
    this.#held.delete(key)
  }

  /** Milliseconds until the first of all that is held may be tried again. */
  get nextInMs(): number | undefined {
    const waits = [...this.#held.values()].map(({ until }) => until - this.#now()).filter((wait) => wait > 0)
    return waits.length === 0 ? undefined : Math.min(...waits)
  }

  /** What was not tried again for long after it could have been no longer exists. */
  #forgetTheOld(): void {
    for (const [key, { until }] of this.#held) {
      if (until + this.#longestMs < this.#now()) this.#held.delete(key)
    }
  }
}
