/** Lets things about the same name be done one after another, within this process. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does `work` after whatever else is being done, or waits to be done, about `name`. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const done = before.then(work, work)
    this.#last.set(name, done)
    try {
      return await done
    } finally {
      if (this.#last.get(name) === done) this.#last.delete(name)
    }
  }
}
