/** Remembers what failed, and for how long to leave it alone: twice as long each time. */
export class BackOff {
  readonly #failed = new Map<string, { until: number; pauseMs: number }>()
  readonly #firstMs: number
  readonly #longestMs: number
  readonly #now: () => number

  /** @param now Milliseconds that only grow. */
  constructor(firstMs: number, longestMs: number, now: () => number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
    this.#now = now
  }

  /** Notes that `key` failed; returns for how many milliseconds it is to be left alone. */
  fail(key: string): number {
    const before = this.#failed.get(key)?.pauseMs
    const pauseMs = before === undefined ? this.#firstMs : Math.min(before * 2, this.#longestMs)
    this.#failed.set(key, { until: this.#now() + pauseMs, pauseMs })
    this.#forgetOld()
    return pauseMs
  }

  /** Whether `key` is to be left alone now. */
  isTooEarly(key: string): boolean {
    return (this.#failed.get(key)?.until ?? 0) > this.#now()
  }

  /** Forgets the failures of `key`. */
  forget(key: string): void {
    this.#failed.delete(key)
  }

  /** Milliseconds until the first of all that failed may be tried again. */
  get nextInMs(): number | undefined {
    const waits = [...this.#failed.values()]
      .map(({ until }) => until - this.#now())
      .filter((wait) => wait > 0)
    return waits.length === 0 ? undefined : Math.min(...waits)
  }

  /** What was not tried again for long after it could have been no longer exists. */
  #forgetOld(): void {
    for (const [key, { until }] of this.#failed) {
      if (until + this.#longestMs < this.#now()) this.#failed.delete(key)
    }
  }
}
