import { isLive } from './bot.ts'
import type { ProcessRecord } from './process-record.ts'

/**
 * Which process is forgotten first where there are too many, the longest silent of each kind first:
 *
 * 1. those that are gone, and were never seen to load anything, or their bot goes on in another process that loaded something;
 * 2. those that are lost, and were seen to load something, while those that were not take up less than a quarter of the room:
 *    where every pod has a name of its own, a month of deployments would leave none for those that begin, a thousand at once. More
 *    than a quarter is not for whoever invents names to have: he would have the operator see no lost bot any more;
 * 3. those that loaded nothing;
 * 4. those that say they run something and were never seen to load it, and only for another such one.
 *
 * One that was seen to load something, and that is there, is never forgotten for another.
 */
export class EvictionOrder {
  /** How many that were never seen to load anything may have lost ones go. */
  readonly #mostForLost: number
  readonly #gone = new Set<string>()
  readonly #fresh = new Set<string>()
  readonly #claiming = new Set<string>()
  readonly #lost = new Set<string>()

  /** @param most How many processes are kept. */
  constructor(most: number) {
    this.#mostForLost = Math.ceil(most / 4)
  }

  /**
   * Takes note of a process as it is after a fact.
   *
   * @param hasProven Whether its bot has a process that is there and was seen to load something.
   */
  note(key: string, process: ProcessRecord, hasProven: boolean): void {
    this.remove(key)
    const { provenAt, digest, lostAt } = process
    const isGone = !isLive(process)
    if (isGone && (hasProven || provenAt === null)) this.#gone.add(key)
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
    if (!this.#gone.delete(key)) this.#lost.delete(key)
  }

  /** The first to go; undefined where none may. @param isClaiming Whether it is for one that says it runs something. */
  first(isClaiming: boolean): string | undefined {
    const [gone] = this.#gone
    if (gone !== undefined) return gone
    const unproven = this.#fresh.size + this.#claiming.size
    const [lost] = unproven < this.#mostForLost ? this.#lost : []
    if (lost !== undefined) return lost
    const [fresh] = this.#fresh
    if (fresh !== undefined || !isClaiming) return fresh
    const [claiming] = this.#claiming
    return claiming
  }
}
