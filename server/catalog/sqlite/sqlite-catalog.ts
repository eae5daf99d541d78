import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import type { Catalog, CatalogWriter } from '../catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import { KeyedLock } from '../../coordination/keyed-lock.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migrateCatalog } from '../sql/migrate-catalog.ts'
import { catalogReader, catalogWriter } from '../sql/sql-catalog.ts'
import { limitToModel } from '../limit-to-model.ts'
import { domainErrorOf, isOutcomeUnknown } from './sqlite-error.ts'
import { waitingSqliteDialect } from './waiting-sqlite-dialect.ts'

/** What may differ between catalogs in SQLite. */
export interface SqliteCatalogOptions {
  /** Milliseconds to wait for a file that another program holds; 5,000 by default. */
  busyTimeoutMs?: number
  /** Told once, when the catalog takes no more writes until it is opened again: readiness depends on it. */
  onUnwritable?: (reason: DomainError) => void
}

/**
 * Opens the catalog in a SQLite file, creates it where it is new, and brings its tables up to date. Its
 * folder must exist.
 *
 * @throws DomainError `catalog-unavailable` where the file is damaged, not a catalog, or written by a newer
 *   Slipway; `catalog-busy`; `disk-full`
 */
export async function openSqliteCatalog(file: string, options: SqliteCatalogOptions = {}): Promise<Catalog> {
  const connections: Connection[] = []
  try {
    // Two connections: what a write did so far must not be seen by others before it is committed.
    const writing = openForWriting(file)
    connections.push(writing)
    const wait = options.busyTimeoutMs ?? 5_000
    const writer = new Kysely<CatalogTables>({ dialect: waitingSqliteDialect(writing, wait) })
    await useWriteAheadLog(writer)
    await migrateCatalog(writer)
    assertFullSync(writing)
    const reading = new Database(file, { timeout: 0, readonly: true, fileMustExist: true })
    connections.unshift(reading)
    const reader = new Kysely<CatalogTables>({ dialect: waitingSqliteDialect(reading, wait) })
    const writes = new SqliteWrites({ writer, reading, writing, onUnwritable: options.onUnwritable })
    return {
      ...catalogReader(reader),
      write: (model, work) => writes.run((writer) => work(limitToModel(writer, model))),
      writeShared: (work) => writes.run(work),
      writeEveryModel: (work) => writes.run(work),
      close: () => writes.close(),
    }
  } catch (error) {
    for (const connection of connections) connection.close()
    throw whileOpening(file, error)
  }
}

interface Parts {
  writer: Kysely<CatalogTables>
  reading: Connection
  writing: Connection
  onUnwritable: SqliteCatalogOptions['onUnwritable']
}

/** Writes come one after another, whatever they are about. */
const ALL = 'all'

/** The writes of a catalog in SQLite, one after another, and its end. */
class SqliteWrites {
  readonly #parts: Parts
  readonly #lock = new KeyedLock()
  #unwritable: DomainError | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  run<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#lock.run(ALL, async () => {
      if (this.#unwritable !== undefined) throw this.#unwritable
      try {
        const { writer, writing } = this.#parts
        const result = await writer.transaction().execute((transaction) => work(catalogWriter(transaction)))
        assertFullSync(writing)
        return result
      } catch (error) {
        if (isOutcomeUnknown(error)) this.#refuseWritesFromNowOn(error)
        throw error
      }
    })
  }

  async close(): Promise<void> {
    await this.#lock.run(ALL, () => {
      // The writer goes last: whoever closes last moves the write-ahead log into the file.
      this.#parts.reading.close()
      this.#parts.writing.close()
      return Promise.resolve()
    })
  }

  /**
   * After a failed sync the kernel may drop what it could not write and call the next sync a success, so
   * that no later commit could be trusted (P. Larson et al., "Can Applications Recover from fsync Failures?",
   * USENIX ATC 2020).
   */
  #refuseWritesFromNowOn(cause: unknown): void {
    this.#unwritable = new DomainError(
      'catalog-unavailable',
      'The catalog takes no writes since its disk failed to store one. Check the disk, then restart the server.',
      {},
      { cause },
    )
    this.#parts.onUnwritable?.(this.#unwritable)
  }
}

function openForWriting(file: string): Connection {
  const connection = new Database(file, { timeout: 0 })
  // Not kept in the file: a file that has a write-ahead log already opens with 1 (NORMAL), which may lose
  // the last commits when the power goes.
  connection.pragma('synchronous = full')
  connection.pragma('foreign_keys = on')
  return connection
}

async function useWriteAheadLog(db: Kysely<CatalogTables>): Promise<void> {
  const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode = wal`.execute(db)
  if (rows[0]?.journal_mode === 'wal') return
  throw new DomainError(
    'catalog-unavailable',
    'The file system of the catalog cannot share memory between programs, which a write-ahead log needs. ' +
      'Put DATA_DIR on a local disk.',
  )
}

function assertFullSync(connection: Connection): void {
  if (connection.pragma('synchronous', { simple: true }) === 2) return
  throw new DomainError(
    'catalog-unavailable',
    'The catalog does not sync its writes to disk (synchronous=FULL).',
  )
}

function whileOpening(file: string, error: unknown): unknown {
  const failure = domainErrorOf(error)
  if (!(failure instanceof DomainError)) return failure
  const reason = failure.cause instanceof Error ? ` (${failure.cause.message})` : ''
  return new DomainError(
    failure.code,
    `The catalog ${file} cannot be opened${reason}. ${failure.message}`,
    failure.data,
    { cause: error },
  )
}
