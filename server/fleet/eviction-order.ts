import type { ProcessRecord } from './process-record.ts'

/**
 * Which process is forgotten first where there are too many, the longest silent of each kind first:
 *
 * 1. those that are gone while their bot goes on in another process that loaded something;
 * 2. those that loaded nothing;
 * 3. those that say they run something and were never seen to load it, and only for another such one;
 * 4. those that are lost, and were seen to load something: where every pod has a name of its own, a month of deployments would
 *    leave no room for those that run.
 *
 * One that was seen to load something, and that is there, is never forgotten for another.
 */
export class EvictionOrder {
  readonly #superseded = new Set<string>()
  readonly #fresh = new Set<string>()
  readonly #claiming = new Set<string>()
  readonly #lost = new Set<string>()

  /**
   * Takes note of a process as it is after a fact.
   *
   * @param hasProven Whether its bot has a process that is there and was seen to load something.
   */
  note(key: string, { provenAt, digest, lostAt, replacedBy }: ProcessRecord, hasProven: boolean): void {
    this.remove(key)
    const isGone = lostAt !== null || replacedBy !== null
    if (isGone && hasProven) this.#superseded.add(key)
    else if (provenAt !== null) {
      if (lostAt !== null) this.#lost.add(key)
    } else if (digest === null) this.#fresh.add(key)
    else this.#claiming.add(key)
  }

  /** Takes note that a process of which nothing else changed was heard: of its kind it goes last. */
  touch(key: string, { provenAt, digest }: ProcessRecord): void {
    if (provenAt !== null) return
    const kind = digest === null ? this.#fresh : this.#claiming
    kind.delete(key)
    kind.add(key)
  }

  remove(key: string): void {
    if (this.#fresh.delete(key) || this.#claiming.delete(key)) return
    if (!this.#superseded.delete(key)) this.#lost.delete(key)
  }

  /** The first to go; undefined where none may. @param isClaiming Whether it is for one that says it runs something. */
  first(isClaiming: boolean): string | undefined {
    const [superseded] = this.#superseded
    if (superseded !== undefined) return superseded
    const [fresh] = this.#fresh
    if (fresh !== undefined) return fresh
    const [claiming] = isClaiming ? this.#claiming : []
    const [lost] = this.#lost
    return claiming ?? lost
  }
}
