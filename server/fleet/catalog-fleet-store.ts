import type { Catalog } from '../catalog/catalog.ts'
import type { FleetReader } from '../catalog/fleet.ts'
import type { Bot } from './bot.ts'
import type { FleetBatch, FleetStore } from './fleet-store.ts'
import { restoreFleet } from './restore-fleet.ts'

/** Keeps what polls say in the catalog. */
export class CatalogFleetStore implements FleetStore {
  readonly #catalog: FleetReader & Pick<Catalog, 'writeShared'>

  constructor(catalog: FleetReader & Pick<Catalog, 'writeShared'>) {
    this.#catalog = catalog
  }

  restore(): AsyncIterable<Bot> {
    return restoreFleet(this.#catalog)
  }

  async save({ bots, processes, seen, forgotten, events }: FleetBatch): Promise<void> {
    await this.#catalog.writeShared(async (writer) => {
      if (forgotten.length > 0) await writer.forgetProcesses(forgotten)
      await writer.saveBots(bots)
      await writer.saveProcesses(processes)
      await writer.noteLastSeen(seen)
      await writer.addEvents(events)
    })
  }

  async forgetBefore(before: number, through: Pick<Catalog, 'writeShared'> = this.#catalog): Promise<void> {
    await through.writeShared(async (writer) => {
      await writer.forgetSilentProcesses(before)
      await writer.forgetEvents(before)
      await writer.forgetEndedRollouts(before)
    })
  }
}
