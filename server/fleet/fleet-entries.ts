import { newBot } from './bot.ts'
import type { BotEntry, BotFields, ProcessEntry } from './bot-entry.ts'
import { ByModel } from './by-model.ts'
import { EvictionOrder } from './eviction-order.ts'
import type { PollFact } from './fact.ts'
import { FleetIndex } from './fleet-index.ts'
import { keyOf, namesOf } from './key-of.ts'
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
  readonly #processes = new ByModel<ProcessEntry>()
  readonly #bots = new ByModel<BotEntry>()
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

  process(model: string, name: string): ProcessEntry | undefined {
    return this.#processes.get(model, name)
  }

  /** The processes of all models. */
  processes(): Iterable<ProcessEntry> {
    return this.#processes.values()
  }

  /** The processes of a model. */
  processesOf(model: string): Iterable<ProcessEntry> {
    return this.#processes.of(model)
  }

  bot(model: string, name: string): BotEntry | undefined {
    return this.#bots.get(model, name)
  }

  /** The bots of a model. */
  bots(model: string): Iterable<BotEntry> {
    return this.#bots.of(model)
  }

  models(): Iterable<string> {
    return this.#bots.models()
  }

  /** A bot, which is made where it is not known. @param fields What is kept of it then. */
  ensureBot(model: string, name: string, fields: BotFields = newBot(model, name)): BotEntry {
    const known = this.#bots.get(model, name)
    if (known !== undefined) return known
    const entry: BotEntry = { key: keyOf(model, name), fields, processes: new Map() }
    this.#bots.set(model, name, entry)
    this.sortedBots.add(entry.key)
    return entry
  }

  /** Puts a record in the place of what was known of its process. @param hasProven Whether its bot has a process that has loaded something. */
  put(record: ProcessRecord, bot: BotEntry, hasProven = false): void {
    const { model } = bot.fields
    const known = this.#processes.get(model, record.process)
    const entry = known ?? { key: keyOf(model, record.process), record, bot, addressAt: -Infinity }
    this.index.note(entry, known?.record, record)
    if (known === undefined) {
      this.#processes.set(model, record.process, entry)
      this.sortedProcesses.add(entry.key)
      bot.processes.set(record.process, entry)
    } else known.record = record
    this.updating.note(model, bot.fields.bot, record)
    this.#order.note(entry.key, record, hasProven)
  }

  /** As {@link put}, where nothing has changed that processes are found or ordered by, but when it was heard and the tag that it polls. */
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
    if (key !== undefined) this.remove(...namesOf(key))
    return key !== undefined
  }

  hasRoom(): boolean {
    return this.#processes.size < this.#most
  }

  /** Removes a process, and its bot with its last one. */
  remove(model: string, name: string): void {
    const entry = this.#processes.get(model, name)
    if (entry === undefined) return
    this.#processes.delete(model, name)
    this.sortedProcesses.remove(entry.key)
    this.#order.remove(entry.key)
    const { key, fields, processes } = entry.bot
    this.updating.remove(model, fields.bot, name)
    this.index.note(entry, entry.record, undefined)
    processes.delete(name)
    if (processes.size === 0) {
      this.#bots.delete(model, fields.bot)
      this.sortedBots.remove(key)
    }
    this.#onForgotten(model, name)
  }
}
