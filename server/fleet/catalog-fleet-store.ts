import type { Catalog } from '../catalog/catalog.ts'
import type { FleetReader, HeardMark, ProcessSeen } from '../catalog/fleet.ts'
import type { Bot } from './bot.ts'
import type { FleetBatch, FleetStore } from './fleet-store.ts'
import { restoreFleet } from './restore-fleet.ts'

/** Times are written in batches, and a batch takes its time: what was heard so long before the last look may come late. Milliseconds. */
const HEARD_LATE = 30_000

/**
 * Of so many transactions of its own at most a server remembers that it need not read what they wrote. 100,000 processes take 200 every 5 s,
 * and they are forgotten when no earlier one is under way: more wait only where a transaction takes minutes.
 */
const MOST_OWN = 10_000

/** Keeps what polls say in the catalog. */
export class CatalogFleetStore implements FleetStore {
  readonly #catalog: FleetReader & Pick<Catalog, 'writeShared'>
  /** The transactions that wrote when this server heard processes, ascending. */
  #own: bigint[] = []
  #mark: HeardMark | undefined
  #heardUntil = 0

  constructor(catalog: FleetReader & Pick<Catalog, 'writeShared'>) {
    this.#catalog = catalog
  }

  async *restore(): AsyncGenerator<Bot> {
    // Whatever is written before is in what is read then: nobody was heard at the end of time.
    const { mark } = await this.#catalog.listHeard({ since: Number.MAX_SAFE_INTEGER })
    yield* restoreFleet(this.#catalog)
    this.#mark = mark
  }

  async save({ bots, processes, seen, forgotten, events }: FleetBatch): Promise<void> {
    const own = await this.#catalog.writeShared(async (writer) => {
      if (forgotten.length > 0) await writer.forgetProcesses(forgotten)
      await writer.saveBots(bots)
      await writer.saveProcesses(processes)
      const transaction = await writer.noteLastSeen(seen)
      await writer.addEvents(events)
      // A row that is saved keeps the time at which another server heard its process: it has to be read.
      return processes.length === 0 ? transaction : undefined
    })
    if (own === undefined) return
    this.#own.push(own)
    if (this.#own.length > MOST_OWN) this.#own.shift()
  }

  async listHeardByOthers(now: number): Promise<readonly ProcessSeen[]> {
    const [after, except] = [this.#mark, this.#own]
    const { heard, mark } = await this.#catalog.listHeard({
      since: this.#heardUntil - HEARD_LATE,
      after,
      except,
    })
    this.#mark = mark
    this.#heardUntil = now
    // The same numbers may be those of transactions of others in another database.
    if (mark?.database !== after?.database) this.#own = []
    if (mark !== undefined) this.#own = this.#own.filter((transaction) => transaction >= mark.transaction)
    return heard
  }

  async forgetBefore(before: number, through: Pick<Catalog, 'writeShared'> = this.#catalog): Promise<void> {
    await through.writeShared(async (writer) => {
      await writer.forgetSilentProcesses(before)
      await writer.forgetEvents(before)
      await writer.forgetEndedRollouts(before)
    })
  }
}
