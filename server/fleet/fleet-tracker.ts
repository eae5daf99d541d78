import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Catalog } from '../catalog/catalog.ts'
import type { ProcessSeen } from '../catalog/fleet.ts'
import { inParts } from '../catalog/in-parts.ts'
import type { Digest } from '../releases/release.ts'
import type { Clock } from '../time/clock.ts'
import type { Bot } from './bot.ts'
import type { Dropped } from './dropped-counts.ts'
import { EventAllowance } from './event-allowance.ts'
import type { Fact } from './fact.ts'
import { FleetBatches } from './fleet-batches.ts'
import type { FleetEvent } from './fleet-event.ts'
import { FleetMemory } from './fleet-memory.ts'
import { FleetSaves, type FleetSavesDependencies } from './fleet-saves.ts'
import { isRepeat, type UnaddressedPoll } from './repeated-poll.ts'
import { SilenceWatch, type Silence } from './silence-watch.ts'
import { SlowestLoads } from './slowest-loads.ts'
import { changesRecord } from './changes-record.ts'
import type { Taken } from './taken.ts'
import { UnsavedFleet } from './unsaved-fleet.ts'

const DAY = 24 * 60 * 60_000

export interface FleetTrackerDependencies extends FleetSavesDependencies {
  readonly clock: Clock
  /** Whether any release has these bytes, or had: claims of others are kept in memory alone. */
  readonly isReleased: (digest: Digest) => boolean
  /** How many processes are known at once. */
  readonly maxProcesses: number
  /** How long silent processes and what happened to them are kept. */
  readonly keepDays: number
  /** Told after each conclusion about a process of the model. */
  readonly onConclusion?: (model: string, events: readonly FleetEvent[]) => void
  /** Told when a poll, or events of a bot, are not kept. */
  readonly onDropped?: (what: Dropped, count: number, now: number) => void
  /** Whether other servers change what is known, too: whoever has a fact taken in then has it kept as well (`FleetTransactions`). */
  readonly isShared?: boolean
}

/**
 * Takes what polls say into memory, and has the store keep it: conclusions and offers at once, times in batches. Where the
 * store fails nobody waits: it is tried again with the next batch.
 */
export class FleetTracker {
  readonly memory: FleetMemory
  readonly batches: FleetBatches
  readonly #dependencies: FleetTrackerDependencies
  readonly #unsaved: UnsavedFleet
  readonly #allowance = new EventAllowance()
  readonly #slowest = new SlowestLoads()
  readonly #silences: SilenceWatch
  readonly #saves: FleetSaves
  /** What others heard of processes that were not known at the last look. */
  #heardUnknown: ProcessSeen[] = []

  constructor(dependencies: FleetTrackerDependencies) {
    this.#dependencies = dependencies
    this.#unsaved = new UnsavedFleet((events) => dependencies.onDropped?.('events', events, this.now()))
    this.memory = new FleetMemory(dependencies.maxProcesses, (model, process) => {
      this.#unsaved.noteForgotten(model, process)
    })
    this.batches = new FleetBatches(this.memory, this.#unsaved, dependencies.isReleased)
    this.#saves = new FleetSaves(dependencies, this.batches)
    const { clock, monotonic = () => performance.now() } = dependencies
    this.#silences = new SilenceWatch(this.memory, this.#slowest, () => ({
      wall: clock.now(),
      monotonic: monotonic(),
    }))
  }

  /** Since when polls are heard: the start, or the last jump of the clock. Milliseconds since 1970. */
  get listeningSince(): number {
    return this.#silences.listeningSince
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#dependencies.clock.now()
  }

  /** Takes a fact in. A poll in sync costs no more than memory: see `FleetMemory.take`. */
  take(model: string, fact: Fact, now: number): Taken {
    const taken = this.memory.take(model, fact, now)
    const { before, after, events } = taken
    if (after === undefined && fact.kind === 'poll') this.#dependencies.onDropped?.('polls', 1, now)
    if (after === undefined || after === before) return taken
    if (
      events.length === 0 &&
      fact.kind === 'poll' &&
      before !== undefined &&
      !changesRecord(before, after)
    ) {
      this.#unsaved.noteSeen(taken.key)
      return taken
    }
    const { bot } = taken
    if (bot === undefined) return taken
    for (const process of taken.changed) this.#unsaved.noteChanged(model, process)
    if (events.length > 0) {
      this.#slowest.learn(model, events)
      if (this.#allowance.take(bot, events.length, now)) this.#unsaved.addEvents(bot, after.tag, events)
      else this.#dependencies.onDropped?.('events', events.length, now)
      this.#dependencies.onConclusion?.(model, events)
    }
    const isDue = events.length > 0 || fact.kind !== 'poll'
    if (isDue && this.#dependencies.isShared !== true) void this.saveSoon()
    return taken
  }

  /**
   * Takes in a poll like the last one of its process, see `isRepeat`.
   *
   * @param now Milliseconds since 1970.
   * @returns whether it is one; else nothing was taken in.
   */
  takeRepeat(model: string, poll: UnaddressedPoll, now: number): boolean {
    const entry = this.memory.entry(model, poll.process)
    if (entry === undefined || !isRepeat(entry, poll, now)) return false
    const before = entry.record
    const after = this.memory.takeRepeat(entry, now)
    if (changesRecord(before, after)) this.#unsaved.noteChanged(model, poll.process)
    else this.#unsaved.noteSeen(entry.key)
    return true
  }

  /** Forgets what went wrong with a release until then: it is to be tried again. */
  forgetFailures(model: string, digest: Digest, until = Infinity): void {
    for (const process of this.memory.forgetFailures(model, digest, until)) {
      this.#unsaved.noteChanged(model, process)
    }
  }

  /** Looks for processes that are silent beyond their window; to be called every few seconds. */
  tick(): void {
    for (const { model, fact } of this.listSilences()) this.take(model, fact, this.#silences.lookedAt)
  }

  /** What time says of processes that were not heard for minutes; it looks at the clock. */
  listSilences(): Iterable<Silence> {
    return this.#silences.look()
  }

  /**
   * Has the store keep everything that was learned until now.
   *
   * @returns what resolves when it has, or when it failed.
   */
  save(): Promise<void> {
    return this.#saves.now()
  }

  /** As {@link save}, some milliseconds later where much is to be kept: see `PacedSaves`. */
  saveSoon(): Promise<void> {
    return this.#saves.soon()
  }

  /** Puts in what the store has; before the first poll. */
  async restore(): Promise<void> {
    for await (const bot of this.#dependencies.store.restore()) {
      for (const { process } of bot.processes) this.#unsaved.noteStored(bot.model, process)
      this.memory.restore(bot)
      this.#slowest.learnRecords(bot)
    }
  }

  /** Takes in what other servers made of processes of a bot. */
  overwrite(bot: Bot): void {
    for (const { process } of bot.processes) this.#unsaved.noteStored(bot.model, process)
    this.memory.overwrite(bot)
    this.#slowest.learnRecords(bot)
  }

  /**
   * Takes in when others that share the store heard processes. One that is not known yet comes with what other servers changed, which may
   * have been read before it was heard: it is looked for once more, the next time.
   *
   * @throws what the store throws.
   */
  async hearFromOthers(): Promise<void> {
    const heard = await this.#dependencies.store.listHeardByOthers(this.now())
    const before = this.#heardUnknown
    this.#heardUnknown = []
    for (const one of before) this.#noteHeard(one)
    // 50,000 at once would hold every poll up for some 100 ms.
    for (const part of inParts(heard)) {
      for (const one of part) if (!this.#noteHeard(one)) this.#heardUnknown.push(one)
      await nextTurn()
    }
  }

  /** Takes in that another server forgot a process. */
  drop(model: string, process: string): void {
    this.memory.forget(model, process)
    this.#unsaved.drop(model, process)
  }

  /** Whether more is known of a process than is kept, but for when it was heard. */
  isUnsaved(model: string, process: string): boolean {
    return this.#unsaved.isChanged(model, process)
  }

  /** The models of whose processes more is known than is kept, but for when they were heard. */
  unsavedModels(): Set<string> {
    return this.#unsaved.models()
  }

  /** Drops processes, events and ended rollouts that are older than is to be kept. */
  async forgetOld(): Promise<void> {
    const { store } = this.#dependencies
    const before = this.keptSince()
    for (const { model, record } of this.memory.records()) {
      if (record.lastSeen < before) this.memory.forget(model, record.process)
    }
    await this.save()
    await store.forgetBefore(before)
  }

  /** What happened before that need not be kept. Milliseconds since 1970. */
  keptSince(): number {
    const { clock, keepDays } = this.#dependencies
    return clock.now() - keepDays * DAY
  }

  /** Drops from the store, for all servers, what is older than is to be kept and in nobody's memory. @param through What to write through. */
  async forgetOldRows(through: Pick<Catalog, 'writeShared'>): Promise<void> {
    await this.#dependencies.store.forgetBefore(this.keptSince(), through)
  }

  #noteHeard({ model, process, lastSeen }: ProcessSeen): boolean {
    return this.memory.noteHeard(model, process, lastSeen)
  }
}
