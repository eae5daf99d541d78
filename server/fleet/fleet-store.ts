import type { Catalog } from '../catalog/catalog.ts'
import type { NewEvent } from '../catalog/events.ts'
import type { ProcessName, ProcessSeen, StoredBot, StoredProcess } from '../catalog/fleet.ts'
import type { Bot } from './bot.ts'

/** What is written at once: all of it, or nothing. */
export interface FleetBatch {
  readonly bots: readonly StoredBot[]
  readonly processes: readonly StoredProcess[]
  /** Processes of which only the time is new. */
  readonly seen: readonly ProcessSeen[]
  readonly forgotten: readonly ProcessName[]
  readonly events: readonly NewEvent[]
}

/**
 * Where what polls say is kept: over restarts, and, where several servers share it, for the server that a process asks the next time.
 */
export interface FleetStore {
  /** All bots; one with many processes may come in several parts. */
  restore(): AsyncIterable<Bot>
  save(batch: FleetBatch): Promise<void>
  /**
   * When processes were heard by others that share the store, where they noted it since this was asked before, or since {@link restore}. What
   * was told before may be told again.
   *
   * @param now Milliseconds since 1970.
   */
  listHeardByOthers(now: number): Promise<readonly ProcessSeen[]>
  /**
   * Drops processes that were last heard, events that happened and rollouts that ended before that.
   *
   * @param before Milliseconds since 1970.
   * @param through Another catalog to write through.
   */
  forgetBefore(before: number, through?: Pick<Catalog, 'writeShared'>): Promise<void>
}
