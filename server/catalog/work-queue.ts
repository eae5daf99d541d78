/** Does one thing after another: each begins when the one before has ended, well or badly. */
export class WorkQueue {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects as `work` does, when its turn has come. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}
