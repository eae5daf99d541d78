import { isLive } from './bot.ts'
import type { ProcessRecord } from './process-record.ts'
import { UnprovenProcesses } from './unproven-processes.ts'

/**
 * Which process is forgotten first where there are too many, the longest silent of each kind first:
 *
 * 1. those that are gone, and were never seen to load anything, or their bot goes on in another process that loaded something;
 * 2. those that are lost, and were seen to load something, while those that were not take up less than a quarter of the room:
 *    where every pod has a name of its own, a month of deployments would leave none for those that begin, a thousand at once. More
 *    than a quarter is not for whoever invents names to have: he would have the operator see no lost bot any more;
 * 3. those that were never seen to load anything, of the sender that has most of them ({@link UnprovenProcesses}).
 *
 * One that was seen to load something, and that is there, is never forgotten for another.
 */
export class EvictionOrder {
  /** How many that were never seen to load anything may have lost ones go. */
  readonly #mostForLost: number
  readonly #gone = new Set<string>()
  readonly #unproven = new UnprovenProcesses()
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
    const { provenAt, lostAt } = process
    const isGone = !isLive(process)
    if (isGone && (hasProven || provenAt === null)) this.#gone.add(key)
    else if (provenAt !== null) {
      if (lostAt !== null) this.#lost.add(key)
    } else this.#unproven.add(key, process)
  }

  /** Takes note that a process of which nothing else changed was heard: of its kind it goes last. */
  touch(key: string, process: ProcessRecord): void {
    if (process.provenAt === null) this.#unproven.touch(key, process)
  }

  remove(key: string): void {
    if (this.#unproven.remove(key)) return
    if (!this.#gone.delete(key)) this.#lost.delete(key)
  }

  /** The first to go for another process; undefined where none may. */
  firstFor(process: Pick<ProcessRecord, 'digest' | 'source'>): string | undefined {
    const [gone] = this.#gone
    if (gone !== undefined) return gone
    const [lost] = this.#unproven.size < this.#mostForLost ? this.#lost : []
    return lost ?? this.#unproven.firstFor(process)
  }
}
