/** More processes than fetch an archive at about the same time; beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 10_000

/**
 * Counts how often a process was sent the same release in full. A process that loads what it was sent asks for it once;
 * one that cannot load it asks at every poll, for ever.
 */
export class RepeatedSends {
  readonly #last = new Map<string, { digest: string; times: number }>()

  /**
   * Takes down that a process was sent an archive in full.
   *
   * @returns How many times in a row it was this archive, from 1.
   */
  add(process: string, digest: string): number {
    const last = this.#last.get(process)
    const times = last?.digest === digest ? last.times + 1 : 1
    this.#last.delete(process)
    this.#last.set(process, { digest, times })
    const [oldest] = this.#last.keys()
    if (oldest !== undefined && this.#last.size > MAX_REMEMBERED) this.#last.delete(oldest)
    return times
  }
}
