import type { Looks } from '../../server/http/pace.ts'

/** Looks that come when the test says so. */
export class ManualLooks {
  readonly #wanted = new Set<() => void>()

  readonly every: Looks = (look) => {
    this.#wanted.add(look)
    return () => {
      this.#wanted.delete(look)
    }
  }

  /** Has everybody look so many times. */
  look(times = 1): void {
    for (let time = 0; time < times; time++) for (const look of this.#wanted) look()
  }
}
