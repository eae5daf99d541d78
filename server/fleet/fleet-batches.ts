import type { StoredBot, StoredProcess } from '../catalog/fleet.ts'
import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import type { FleetMemory } from './fleet-memory.ts'
import type { FleetBatch } from './fleet-store.ts'
import type { UnsavedBatch, UnsavedFleet, UnsavedProcess } from './unsaved-fleet.ts'
import { keyOf } from './key-of.ts'

/** What is to be written, as memory has it now. */
export interface PendingBatch {
  readonly batch: FleetBatch
  /** The processes that it says anything of but when they were heard. */
  readonly touched: readonly UnsavedProcess[]
  /** To be called when it was written. */
  noteSaved(): void
  /** To be called where it was not, and is to be tried again. */
  putBack(): void
}

/** Makes batches of rows from what memory knows and the catalog does not have yet. */
export class FleetBatches {
  readonly #memory: FleetMemory
  readonly #unsaved: UnsavedFleet
  readonly #isReleased: (digest: Digest) => boolean

  /** @param isReleased Whether any release has these bytes, or had: claims of others are kept in memory alone. */
  constructor(memory: FleetMemory, unsaved: UnsavedFleet, isReleased: (digest: Digest) => boolean) {
    this.#memory = memory
    this.#unsaved = unsaved
    this.#isReleased = isReleased
  }

  /** How many batches of so many rows there would be. */
  count(rows: number): number {
    return Math.ceil(this.#unsaved.size / rows)
  }

  /** The next rows of all models. @param limit How many processes, and how many events. */
  take(limit: number): PendingBatch {
    return this.#pending(this.#unsaved.take(limit))
  }

  /** All that is known of a model beyond the catalog, but for when processes were heard. */
  takeModel(model: string): PendingBatch {
    return this.#pending(this.#unsaved.takeModel(model))
  }

  /** The next times of all models. */
  takeSeen(limit: number): PendingBatch {
    return this.#pending(this.#unsaved.takeSeen(limit))
  }

  #pending(unsaved: UnsavedBatch): PendingBatch {
    const { changed, seen, forgotten, events } = unsaved
    const processes = changed.flatMap((name) => this.#toStore(name) ?? [])
    const bots = new Map(
      processes.map(({ bot, stored }) => [keyOf(stored.model, stored.bot), storedBot(bot)]),
    )
    const gone = forgotten.filter(({ model, process }) => this.#memory.find(model, process) === undefined)
    const times = seen.flatMap(({ model, process }) => {
      const record = this.#memory.find(model, process)
      return record === undefined ? [] : [{ model, process, lastSeen: record.lastSeen }]
    })
    return {
      batch: {
        bots: [...bots.values()],
        processes: processes.map(({ stored }) => stored),
        seen: times,
        forgotten: gone,
        events,
      },
      touched: [...changed, ...forgotten],
      noteSaved: () => {
        this.#noteSaved(processes, gone)
      },
      putBack: () => {
        this.#unsaved.putBack(unsaved)
      },
    }
  }

  #noteSaved(processes: readonly { stored: StoredProcess }[], gone: readonly UnsavedProcess[]): void {
    for (const { model, process } of gone) this.#unsaved.noteDeleted(model, process)
    for (const { stored } of processes) {
      const { model, record } = stored
      this.#unsaved.noteStored(model, record.process)
      // It may have been pushed out while it was written.
      if (this.#memory.find(model, record.process) === undefined)
        this.#unsaved.noteForgotten(model, record.process)
    }
  }

  /** A process as it is to be stored; undefined where it is gone, or claims to run what no release is. */
  #toStore({ model, process }: UnsavedProcess): { bot: Bot; stored: StoredProcess } | undefined {
    const bot = this.#memory.botOf(model, process)
    const record = this.#memory.find(model, process)
    if (bot === undefined || record === undefined) return undefined
    const isForged = record.digest !== null && record.provenAt === null && !this.#isReleased(record.digest)
    return isForged ? undefined : { bot, stored: { model, bot: bot.bot, record } }
  }
}

function storedBot({ processes: _, crowded: __, ...bot }: Bot): StoredBot {
  return bot
}
