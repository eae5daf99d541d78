import type { Catalog, CatalogWriter } from '../catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import { KeyedLock } from '../../coordination/keyed-lock.ts'
import { MemoryReader } from './memory-reader.ts'
import { emptyRows } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'
import { MemoryWriter } from './memory-writer.ts'

/** Writes come one after another, whatever they are about. */
const ALL = 'all'

/** A catalog that lives as long as its process: for tests and trials. */
export class MemoryCatalog extends MemoryReader implements Catalog {
  readonly #lock = new KeyedLock()
  #rows: MemoryRows
  #closed = false

  constructor() {
    super(() => this.#openRows())
    this.#rows = emptyRows()
  }

  write<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#lock.run(ALL, async () => {
      const rows = copyOf(this.#openRows())
      const result = await work(new MemoryWriter(rows))
      this.#rows = rows
      return result
    })
  }

  async close(): Promise<void> {
    await this.#lock.run(ALL, () => Promise.resolve())
    this.#closed = true
  }

  #openRows(): MemoryRows {
    if (this.#closed) throw new DomainError('shutting-down', 'The catalog was closed.')
    return this.#rows
  }
}

/** Rows are never changed, only replaced: copying the tables is enough to undo a write. */
function copyOf(rows: MemoryRows): MemoryRows {
  return {
    models: new Map(rows.models),
    releases: new Map(rows.releases),
    releasedDigests: new Set(rows.releasedDigests),
    tags: new Map(rows.tags),
    moves: [...rows.moves],
    inboxFiles: new Map(rows.inboxFiles),
    sightings: new Map(rows.sightings),
    damagedBlobs: new Map(rows.damagedBlobs),
    unusedBlobs: new Map(rows.unusedBlobs),
    taskProgress: new Map(rows.taskProgress),
    exports: new Map(rows.exports),
    firstNumber: rows.firstNumber,
  }
}
