import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Catalog, CatalogWriter } from '../catalog/catalog.ts'
import type { PendingBatch } from '../fleet/fleet-batches.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { SharedState } from './shared-state.ts'

/** So many facts of one model are taken in at most in one transaction. */
const MOST_TOGETHER = 500

/** So many facts of one model are tried again at most; of more the oldest are dropped. */
const MOST_UNKEPT = 10_000

export interface FleetTransactionsDependencies {
  readonly catalog: Catalog
  readonly tracker: FleetTracker
  readonly state: SharedState
  /** By model; shared with whatever else changes models. */
  readonly locks: KeyedMutex
}

/** What is to be done while a model is known as it is. */
export interface FleetWork<Result> {
  /** Takes facts in and decides, from memory alone. */
  run(): Result
  /** Processes of which it must be known when another server heard them last. */
  readonly heard?: readonly string[]
}

interface Job extends FleetWork<unknown> {
  resolve(result: unknown): void
  reject(error: unknown): void
}

type Outcome = { readonly result: unknown } | { readonly error: unknown }

/**
 * Has facts of polls taken in where several servers do: inside a transaction that has the model to itself, over what the catalog says
 * then. So every server decides alike, and none offers more than all may together. What comes while one transaction is under way goes
 * into the next.
 */
export class FleetTransactions {
  readonly #dependencies: FleetTransactionsDependencies
  readonly #waiting = new Map<string, Job[]>()
  /** By model: what was to be taken in while the catalog failed, in order. */
  readonly #unkept = new Map<string, Set<() => void>>()

  constructor(dependencies: FleetTransactionsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Does `work` with the model to itself; what it took in is durable when this resolves.
   *
   * @param catalog Another one to write through.
   * @throws whatever `work` or the catalog throws.
   */
  run<Result>(model: string, work: FleetWork<Result>, catalog?: Catalog): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const job: Job = {
        ...work,
        run: () => work.run(),
        resolve: (result) => {
          resolve(result as Result)
        },
        reject,
      }
      if (catalog !== undefined) {
        void this.#do(model, [job], catalog)
        return
      }
      const waiting = this.#waiting.get(model)
      if (waiting !== undefined) waiting.push(job)
      else {
        this.#waiting.set(model, [job])
        void this.#runQueued(model)
      }
    })
  }

  /**
   * Takes in what has happened already and nobody tells again. Where the catalog fails, it is taken in once more before whatever is
   * done next with the model, until it is kept: an outage makes no broken transfer of a failed load.
   *
   * @param take May be called several times.
   * @throws whatever the catalog throws; it is tried again nevertheless.
   */
  async takeIn(model: string, take: () => void): Promise<void> {
    try {
      await this.run(model, { run: take })
    } catch (error) {
      this.takeInLater(model, take)
      throw error
    }
  }

  /** As {@link takeIn}, with whatever is done next with the model. @param take May be called several times. */
  takeInLater(model: string, take: () => void): void {
    const unkept = this.#unkept.get(model) ?? new Set()
    this.#unkept.set(model, unkept.add(take))
    const [oldest] = unkept
    if (oldest !== undefined && unkept.size > MOST_UNKEPT) unkept.delete(oldest)
  }

  /** The models of which something waits to be taken in again ({@link takeIn}). */
  unkeptModels(): readonly string[] {
    return [...this.#unkept.keys()]
  }

  /** Has everything kept that is known of a model beyond the catalog. */
  flush(model: string): Promise<void> {
    return this.run(model, { run: () => undefined })
  }

  async #runQueued(model: string): Promise<void> {
    // What else comes in this turn of the event loop goes into the same transaction.
    await nextTurn()
    for (;;) {
      const jobs = this.#waiting.get(model) ?? []
      if (jobs.length === 0) {
        this.#waiting.delete(model)
        return
      }
      await this.#do(model, jobs.splice(0, MOST_TOGETHER), this.#dependencies.catalog)
    }
  }

  async #do(model: string, jobs: readonly Job[], catalog: Catalog): Promise<void> {
    try {
      const outcomes = await this.#dependencies.locks.run(model, () => this.#write(model, jobs, catalog))
      for (const [index, outcome] of outcomes.entries()) {
        if ('error' in outcome) jobs[index]?.reject(outcome.error)
        else jobs[index]?.resolve(outcome.result)
      }
    } catch (error) {
      for (const job of jobs) job.reject(error)
    }
  }

  async #write(model: string, jobs: readonly Job[], catalog: Catalog): Promise<readonly Outcome[]> {
    const { state, tracker } = this.#dependencies
    const unkept = [...(this.#unkept.get(model) ?? [])]
    const { outcomes, pending, revision } = await catalog.write(model, async (writer) => {
      await state.refreshInside(writer, model)
      await this.#noteHeard(
        model,
        writer,
        jobs.flatMap(({ heard }) => heard ?? []),
      )
      for (const take of unkept) take()
      const outcomes = jobs.map(attempt)
      const pending = tracker.batches.takeModel(model)
      state.doubt(
        model,
        pending.touched.map(({ process }) => process),
      )
      return { outcomes, pending, revision: await this.#save(writer, model, pending) }
    })
    pending.noteSaved()
    state.noteWritten(model, revision)
    this.#noteKept(model, unkept)
    return outcomes
  }

  #noteKept(model: string, kept: readonly (() => void)[]): void {
    const unkept = this.#unkept.get(model)
    for (const take of kept) unkept?.delete(take)
    if (unkept?.size === 0) this.#unkept.delete(model)
  }

  async #noteHeard(model: string, writer: CatalogWriter, processes: readonly string[]): Promise<void> {
    if (processes.length === 0) return
    const found = await writer.findProcesses(processes.map((process) => ({ model, process })))
    for (const { record } of found)
      this.#dependencies.tracker.memory.noteHeard(model, record.process, record.lastSeen)
  }

  async #save(writer: CatalogWriter, model: string, { batch }: PendingBatch): Promise<number> {
    const { state, tracker } = this.#dependencies
    const { bots, processes, forgotten, events } = batch
    if (processes.length + forgotten.length + events.length === 0) return state.knownRevision(model)
    const revision = await writer.raiseFleetRevision(model)
    if (forgotten.length > 0) await writer.forgetProcesses(forgotten, { revision, at: tracker.now() })
    await writer.saveBots(bots)
    await writer.saveProcesses(processes, revision)
    await writer.addEvents(events)
    return revision
  }
}

function attempt(job: Job): Outcome {
  try {
    return { result: job.run() }
  } catch (error) {
    return { error }
  }
}
