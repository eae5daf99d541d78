import type { Catalog, CatalogWriter } from '../domain/catalog.ts'
import { DomainError } from '../domain/errors.ts'
import { MemoryReader } from './memory-reader.ts'
import { emptyRows } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'
import { MemoryWriter } from './memory-writer.ts'
import { WorkQueue } from './work-queue.ts'

/** A catalog that lives as long as its process: for tests and trials. */
export class MemoryCatalog extends MemoryReader implements Catalog {
  readonly #queue = new WorkQueue()
  #rows: MemoryRows
  #closed = false

  constructor() {
    super(() => this.#openRows())
    this.#rows = emptyRows()
  }

  write<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#queue.run(async () => {
      const rows = copyOf(this.#openRows())
      const result = await work(new MemoryWriter(rows))
      this.#rows = rows
      return result
    })
  }

  async close(): Promise<void> {
    await this.#queue.run(() => Promise.resolve())
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
  }
}
