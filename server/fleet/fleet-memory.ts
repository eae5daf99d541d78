import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import { botOfEntry, CROWD, type BotEntry, type KnownProcess, type ProcessEntry } from './bot-entry.ts'
import { botNameOf } from './bot-name.ts'
import type { Fact, PollFact } from './fact.ts'
import { withoutRelease } from './failures.ts'
import { FleetEntries } from './fleet-entries.ts'
import type { IndexedFilter } from './fleet-index.ts'
import type { ProcessRecord } from './process-record.ts'
import { reduceBot } from './reduce-bot.ts'
import { reduceProcess } from './reduce-process.ts'
import { hearRepeat } from './repeated-poll.ts'
import { changesTimesOnly } from './changes-times-only.ts'
import { keysAfter } from './sorted-keys.ts'
import { NOTHING_TAKEN, TakenPoll, type Taken } from './taken.ts'
import type { KeysOfValue } from './keys-by-value.ts'
import type { UpdatingBot } from './updating-processes.ts'
import { keyOf, namesOf } from './key-of.ts'

/** What is known of the processes of all models, in memory. A poll that says nothing new costs two look-ups and a new record. */
export class FleetMemory {
  readonly #entries: FleetEntries
  readonly #onForgotten: (model: string, process: string) => void

  /**
   * @param most How many processes are kept.
   * @param onForgotten Told of each process that is not known any more, or belongs to another bot now.
   */
  constructor(most: number, onForgotten: (model: string, process: string) => void = () => undefined) {
    this.#onForgotten = onForgotten
    this.#entries = new FleetEntries(most, onForgotten)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Takes a fact in, see `reduceBot`. @param now Milliseconds since 1970. */
  take(model: string, fact: Fact, now: number): Taken {
    const known = this.#entries.process(model, fact.process)
    if (fact.kind !== 'poll') {
      return known === undefined ? NOTHING_TAKEN : this.#reduce(known.bot, model, fact, now)
    }
    const heard = known?.bot.fields.bot === botNameOf(fact.source) ? known : undefined
    if (heard !== undefined && changesTimesOnly(heard.record, heard.bot.fields.settledAt, fact, now))
      return this.#touch(heard, fact, now)
    const bot = heard?.bot ?? this.#join(model, fact, known)
    if (bot === undefined) return NOTHING_TAKEN
    const taken = this.#reduce(bot, model, fact, now)
    const entry = bot.processes.get(fact.process)
    if (entry !== undefined) entry.addressAt = now
    return taken
  }

  /** A process as memory holds it, with its bot; undefined where it is not known. */
  entry(model: string, process: string): ProcessEntry | undefined {
    return this.#entries.process(model, process)
  }

  /** Takes in a poll like the last one of its process, see `isRepeat`. @returns The process after it. @param now Milliseconds since 1970. */
  takeRepeat(entry: ProcessEntry, now: number): ProcessRecord {
    const record = hearRepeat(entry.record, now)
    this.#entries.touch(entry, record)
    return record
  }

  /** A process; undefined where it is not known. */
  find(model: string, process: string): ProcessRecord | undefined {
    return this.#entries.process(model, process)?.record
  }

  /** The bot that a process belongs to, as `take` gives it; undefined where the process is not known. */
  botOf(model: string, process: string): Bot | undefined {
    const known = this.#entries.process(model, process)
    return known && botOfEntry(known.bot, process)
  }

  /** All processes of all models. */
  *records(): Generator<{ model: string; record: ProcessRecord }> {
    for (const { bot, record } of this.#entries.processes()) yield { model: bot.fields.model, record }
  }

  /** A bot with its processes; undefined where it is not known. */
  bot(model: string, name: string): Bot | undefined {
    const entry = this.#entries.bot(model, name)
    return entry === undefined ? undefined : botOfEntry(entry, undefined)
  }

  /** All bots of a model, each with all its processes. */
  *bots(model: string): Generator<Bot> {
    for (const entry of this.#entries.bots(model)) yield botOfEntry(entry, undefined)
  }

  /** The bots of a model of which a process updates, and a number that is another one after each change of them. */
  updating(model: string): { bots: ReadonlyMap<string, UpdatingBot>; revision: number } {
    return { bots: this.#entries.updating.of(model), revision: this.#entries.updating.revisionOf(model) }
  }

  /** A bot of which a process updates; of a crowded one only these processes. */
  updatingBot(model: string, name: string): Bot | undefined {
    const entry = this.#entries.bot(model, name)
    if (entry === undefined) return undefined
    if (entry.processes.size <= CROWD) return botOfEntry(entry, undefined)
    const names = [...(this.#entries.updating.of(model).get(name)?.processes ?? [])]
    const processes = names.flatMap((process) => entry.processes.get(process)?.record ?? [])
    return { ...entry.fields, processes, crowded: true }
  }

  /** Where to look for bots and processes, see `FleetIndex.find`. */
  narrow(filter: IndexedFilter): readonly KeysOfValue[] | undefined {
    return this.#entries.index.find(filter, this.#entries.models())
  }

  /**
   * Bots by model and name, ascending.
   *
   * @param after The model and name, as {@link keyOf} has them, that they come behind.
   * @param among Where to look: undefined, everywhere.
   */
  botsAfter(after: string, limit: number, among?: readonly KeysOfValue[]): Bot[] {
    const lists = among?.map(({ bots }) => bots) ?? [this.#entries.sortedBots]
    return keysAfter(lists, after, limit).flatMap((key) => this.bot(...namesOf(key)) ?? [])
  }

  /** Processes by model and name, ascending, each with its bot. Parameters as for {@link botsAfter}. */
  processesAfter(after: string, limit: number, among?: readonly KeysOfValue[]): KnownProcess[] {
    const lists = among?.map(({ processes }) => processes) ?? [this.#entries.sortedProcesses]
    return keysAfter(lists, after, limit).flatMap((key) => {
      const entry = this.#entries.process(...namesOf(key))
      if (entry === undefined) return []
      const { model, bot } = entry.bot.fields
      return [{ model, bot, record: entry.record }]
    })
  }

  /** Puts a bot in as the catalog has it; one that has loaded something takes, where there is no room, that of another. */
  restore({ processes, crowded: _, ...fields }: Bot): void {
    for (const record of processes) {
      if (this.#entries.process(fields.model, record.process) !== undefined) continue
      const isProven = record.provenAt !== null
      if (this.#entries.hasRoom() || (isProven && this.#entries.makeRoom(record)))
        this.#entries.put(record, this.#entries.ensureBot(fields.model, fields.bot, fields))
      else if (!isProven) this.#onForgotten(fields.model, record.process)
    }
  }

  /** Takes in what the catalog has of processes of a bot, in the place of what was known, but for when they were heard last. */
  overwrite({ processes, crowded: _, ...fields }: Bot): void {
    for (const record of processes) {
      const known = this.#entries.process(fields.model, record.process)
      if (known === undefined && !this.#entries.makeRoom(record)) continue
      if (known !== undefined && known.bot.fields.bot !== fields.bot)
        this.#entries.remove(fields.model, record.process)
      const entry = this.#entries.ensureBot(fields.model, fields.bot, fields)
      entry.fields = fields
      const lastSeen = Math.max(record.lastSeen, known?.record.lastSeen ?? 0)
      this.#entries.put({ ...record, lastSeen }, entry)
    }
  }

  /** Takes in that another server heard a process. @param at Milliseconds since 1970. @returns whether it is known. */
  noteHeard(model: string, process: string, at: number): boolean {
    const entry = this.#entries.process(model, process)
    if (entry !== undefined && entry.record.lastSeen < at) entry.record = { ...entry.record, lastSeen: at }
    return entry !== undefined
  }

  /**
   * Forgets what went wrong with a release until then: it is to be tried again.
   *
   * @param until Milliseconds since 1970.
   * @returns The processes for which anything had.
   */
  forgetFailures(model: string, digest: Digest, until = Infinity): string[] {
    const changed: string[] = []
    for (const entry of this.#entries.processesOf(model)) {
      const { failures: before } = entry.record
      const failures = withoutRelease(before, digest)
      const isNewer = before.some((failure) => failure.digest === digest && failure.lastAt > until)
      if (failures === before || isNewer) continue
      this.#entries.index.note(entry, entry.record, (entry.record = { ...entry.record, failures }))
      changed.push(entry.record.process)
    }
    return changed
  }

  /** Forgets a process, and its bot with its last one. */
  forget(model: string, process: string): void {
    this.#entries.remove(model, process)
  }

  #touch(known: ProcessEntry, fact: PollFact, now: number): Taken {
    const before = known.record
    const { process, events } = reduceProcess(before, fact, now)
    this.#entries.touch(known, process)
    known.addressAt = now
    return new TakenPoll(before, known, events)
  }

  #reduce(entry: BotEntry, model: string, fact: Fact, now: number): Taken {
    const before = botOfEntry(entry, fact.process)
    const known = this.find(model, fact.process)
    const { bot, events } = reduceBot(before, fact, now)
    const { processes, crowded: _, ...fields } = bot
    entry.fields = fields
    const hasProven = processes.some(({ provenAt, lostAt }) => provenAt !== null && lostAt === null)
    const changed: string[] = []
    for (const record of processes) {
      if (this.find(model, record.process) === record) continue
      this.#entries.put(record, entry, hasProven)
      changed.push(record.process)
    }
    const kept = new Set(processes.map(({ process }) => process))
    for (const { process } of before.processes) if (!kept.has(process)) this.#entries.remove(model, process)
    const after = this.find(model, fact.process)
    return { key: keyOf(model, fact.process), bot, before: known, after, events, changed }
  }

  /** The bot that a process belongs to from now on; undefined where there is no room for it. */
  #join(model: string, fact: PollFact, known: ProcessEntry | undefined): BotEntry | undefined {
    const name = botNameOf(fact.source)
    if (known !== undefined) return this.#rename(known, model, name)
    return this.#entries.makeRoom(fact) ? this.#entries.ensureBot(model, name) : undefined
  }

  /** A process that polls under another name belongs there from now on: its pod got a name, or its address changed. */
  #rename({ record }: ProcessEntry, model: string, name: string): BotEntry {
    this.#entries.remove(model, record.process)
    const bot = this.#entries.ensureBot(model, name)
    bot.fields = { ...bot.fields, provenAt: bot.fields.provenAt ?? record.provenAt }
    this.#entries.put(record, bot)
    return bot
  }
}
