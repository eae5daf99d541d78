import { newBot } from './bot.ts'
import type { BotEntry, BotFields, ProcessEntry } from './bot-entry.ts'
import { EvictionOrder } from './eviction-order.ts'
import type { PollFact } from './fact.ts'
import { FleetIndex } from './fleet-index.ts'
import { keyOf } from './key-of.ts'
import type { ProcessRecord } from './process-record.ts'
import { SortedKeys } from './sorted-keys.ts'
import { UpdatingProcesses } from './updating-processes.ts'

/**
 * The bots and processes that are known, with all that they are found by: one place that puts in and takes out, so that no list
 * forgets one.
 *
 * It holds a limited number of processes: "the longest silent go first; a flood of invented names never pushes out one
 * that has loaded something" (docs/rollouts.md).
 */
export class FleetEntries {
  readonly sortedProcesses: SortedKeys = new SortedKeys()
  readonly sortedBots: SortedKeys = new SortedKeys()
  readonly updating: UpdatingProcesses = new UpdatingProcesses()
  readonly index: FleetIndex = new FleetIndex()
  readonly #most: number
  readonly #onForgotten: (model: string, process: string) => void
  readonly #processes = new Map<string, ProcessEntry>()
  /** By model, then by name. */
  readonly #bots = new Map<string, Map<string, BotEntry>>()
  readonly #order: EvictionOrder

  /**
   * @param most How many processes are kept.
   * @param onForgotten Told of each process that is not known any more, or belongs to another bot now.
   */
  constructor(most: number, onForgotten: (model: string, process: string) => void) {
    this.#most = most
    this.#order = new EvictionOrder(most)
    this.#onForgotten = onForgotten
  }

  /** How many processes there are. */
  get size(): number {
    return this.#processes.size
  }

  /** A process. @param key Of model and process. */
  process(key: string): ProcessEntry | undefined {
    return this.#processes.get(key)
  }

  /** The processes of all models. */
  processes(): IterableIterator<ProcessEntry> {
    return this.#processes.values()
  }

  bot(model: string, name: string): BotEntry | undefined {
    return this.#bots.get(model)?.get(name)
  }

  /** The bots of a model. */
  bots(model: string): Iterable<BotEntry> {
    return this.#bots.get(model)?.values() ?? []
  }

  models(): Iterable<string> {
    return this.#bots.keys()
  }

  /** A bot, which is made where it is not known. @param fields What is kept of it then. */
  ensureBot(model: string, name: string, fields: BotFields = newBot(model, name)): BotEntry {
    let bots = this.#bots.get(model)
    if (bots === undefined) this.#bots.set(model, (bots = new Map<string, BotEntry>()))
    let entry = bots.get(name)
    if (entry === undefined) {
      bots.set(name, (entry = { key: keyOf(model, name), fields, processes: new Map() }))
      this.sortedBots.add(entry.key)
    }
    return entry
  }

  /** Puts a record in the place of what was known of its process. @param hasProven Whether its bot has a process that has loaded something. */
  put(key: string, record: ProcessRecord, bot: BotEntry, hasProven = false): void {
    const known = this.#processes.get(key)
    const entry = known ?? { key, record, bot }
    this.index.note(entry, known?.record, record)
    if (known === undefined) {
      this.#processes.set(key, entry)
      this.sortedProcesses.add(key)
      bot.processes.set(record.process, entry)
    } else known.record = record
    this.updating.note(bot.fields.model, bot.fields.bot, record)
    this.#order.note(key, record, hasProven)
  }

  /** As {@link put}, where no more has changed than times and the entity tag. */
  touch(entry: ProcessEntry, record: ProcessRecord): void {
    const before = entry.record
    entry.record = record
    if (record.tag !== before.tag) this.index.note(entry, before, record)
    this.#order.touch(entry.key, record)
  }

  /** Whether there is room for one more process, be it that another one goes for it. */
  makeRoom(process: Pick<PollFact, 'digest' | 'source'>): boolean {
    if (this.hasRoom()) return true
    const key = this.#order.firstFor(process)
    if (key !== undefined) this.remove(key)
    return key !== undefined
  }

  hasRoom(): boolean {
    return this.#processes.size < this.#most
  }

  /** Removes a process, and its bot with its last one. */
  remove(key: string): void {
    const entry = this.#processes.get(key)
    if (entry === undefined) return
    this.#processes.delete(key)
    this.sortedProcesses.remove(key)
    this.#order.remove(key)
    const { fields, processes } = entry.bot
    this.updating.remove(fields.model, fields.bot, entry.record.process)
    this.index.note(entry, entry.record, undefined)
    processes.delete(entry.record.process)
    if (processes.size === 0) this.#removeBot(entry.bot)
    this.#onForgotten(fields.model, entry.record.process)
  }

  #removeBot({ key, fields: { model, bot } }: BotEntry): void {
    const bots = this.#bots.get(model)
    bots?.delete(bot)
    if (bots?.size === 0) this.#bots.delete(model)
    this.sortedBots.remove(key)
  }
}
