/** Runs work one at a time per key, in the order of asking; work under other keys goes on beside it. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Resolves or rejects as `work` does. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const next = () => work()
    const mine = before.then(next, next)
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }
}
