/** Lets so many pieces of work go on at once; the others wait, in the order of asking. */
export class Semaphore {
  #free: number
  readonly #waiting = new Set<() => void>()

  /** @param places How many pieces of work may go on at once. */
  constructor(places: number) {
    this.#free = places
  }

  /** Resolves or rejects as `work` does; rejects with the reason of `signal` where that aborts before `work` begins. */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const enter = (): void => {
      resolve(undefined)
    }
    const giveUp = (): void => {
      // Whoever was let in already leaves its place to the next.
      if (!this.#waiting.delete(enter)) this.#leave()
      resolve(undefined)
    }
    this.#waiting.add(enter)
    signal.addEventListener('abort', giveUp, { once: true })
    await promise
    signal.removeEventListener('abort', giveUp)
    signal.throwIfAborted()
  }

  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
