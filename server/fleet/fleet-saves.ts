import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FleetBatches } from './fleet-batches.ts'
import type { FleetStore } from './fleet-store.ts'
import { PacedSaves } from './paced-saves.ts'

/** SQLite answers on the thread that answers polls: so many rows take it some 10 ms. */
const ROWS_AT_ONCE = 500

export interface FleetSavesDependencies {
  readonly store: FleetStore
  /** Told when the store did not take what was learned; it is tried again. */
  readonly onFailure: (error: unknown) => void
  /** Whether other servers change what is known, too: only when processes were heard is kept from here then. */
  readonly isShared?: boolean
  /** Milliseconds that only grow. */
  readonly monotonic?: () => number
}

/** Has the store keep what was learned, so many rows at a time that polls between them do not wait. */
export class FleetSaves {
  readonly #dependencies: FleetSavesDependencies
  readonly #batches: FleetBatches
  readonly #paced: PacedSaves

  constructor(dependencies: FleetSavesDependencies, batches: FleetBatches) {
    this.#dependencies = dependencies
    this.#batches = batches
    const { monotonic = () => performance.now() } = dependencies
    this.#paced = new PacedSaves(() => this.#saveAll(), { monotonic })
  }

  /** Has it keep everything that was learned until now. @returns what resolves when it has, or when it failed. */
  now(): Promise<void> {
    return this.#paced.now()
  }

  /** As {@link now}, some milliseconds later where much is to be kept: see {@link PacedSaves}. */
  soon(): Promise<void> {
    return this.#paced.soon()
  }

  async #saveAll(): Promise<void> {
    try {
      // What is noted meanwhile waits for the next time: with enough polls there would be no end.
      for (let left = this.#batches.count(ROWS_AT_ONCE); left > 0; left--) await this.#saveSome()
    } catch (error) {
      this.#dependencies.onFailure(error)
    }
  }

  async #saveSome(): Promise<void> {
    const batches = this.#batches
    // The rest is for whoever has the model to itself.
    const pending =
      this.#dependencies.isShared === true ? batches.takeSeen(ROWS_AT_ONCE) : batches.take(ROWS_AT_ONCE)
    try {
      await this.#dependencies.store.save(pending.batch)
    } catch (error) {
      pending.putBack()
      throw error
    }
    pending.noteSaved()
    await nextTurn()
  }
}
