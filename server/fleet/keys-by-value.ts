import { SortedKeys } from './sorted-keys.ts'

/** What has one value, by key, in order. */
export interface KeysOfValue {
  readonly processes: SortedKeys
  /** Bots of which any process has it. */
  readonly bots: SortedKeys
}

/** Processes, and their bots, by a value that each process has one of. */
export class KeysByValue {
  /** With how many processes of each bot have it. None is empty. */
  readonly #values = new Map<string, KeysOfValue & { readonly counts: Map<string, number> }>()

  /** What has a value; undefined: nothing. */
  find(value: string): KeysOfValue | undefined {
    return this.#values.get(value)
  }

  /** Takes in that a process of a bot had one value, and has another; undefined: none. */
  move(bot: string, process: string, was: string | undefined, is: string | undefined): void {
    if (was === is) return
    if (was !== undefined) this.#remove(was, bot, process)
    if (is !== undefined) this.#add(is, bot, process)
  }

  #add(value: string, bot: string, process: string): void {
    let found = this.#values.get(value)
    if (found === undefined) {
      found = { processes: new SortedKeys(), bots: new SortedKeys(), counts: new Map() }
      this.#values.set(value, found)
    }
    const { processes, bots, counts } = found
    processes.add(process)
    const count = counts.get(bot) ?? 0
    if (count === 0) bots.add(bot)
    counts.set(bot, count + 1)
  }

  #remove(value: string, bot: string, process: string): void {
    const found = this.#values.get(value)
    if (found === undefined) return
    const { processes, bots, counts } = found
    processes.remove(process)
    const count = counts.get(bot) ?? 0
    if (count > 1) counts.set(bot, count - 1)
    else if (counts.delete(bot)) bots.remove(bot)
    if (processes.size === 0) this.#values.delete(value)
  }
}
