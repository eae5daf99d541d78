import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import type { Catalog } from '../catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migrateCatalog } from '../sql/migrate-catalog.ts'
import { catalogReader } from '../sql/sql-catalog.ts'
import { limitToModel } from '../limit-to-model.ts'
import { CatalogPlace } from './catalog-place.ts'
import { repeat } from '../../time/repeat.ts'
import { domainErrorOf } from './sqlite-error.ts'
import type { RefusedWritesOptions } from './refused-writes.ts'
import { assertFullSync, SqliteWrites } from './sqlite-writes.ts'
import { waitingSqliteDialect } from './waiting-sqlite-dialect.ts'

/** What may differ between catalogs in SQLite. */
export interface SqliteCatalogOptions extends RefusedWritesOptions {
  /** Milliseconds to wait for a file that another program holds; 5,000 by default. */
  busyTimeoutMs?: number
  /** Milliseconds between two looks whether another program touched the file; 30,000 by default. Writes look by themselves. */
  lookEveryMs?: number
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
  let writes: SqliteWrites | undefined
  try {
    // Two connections: what a write did so far must not be seen by others before it is committed.
    const writing = openForWriting(file)
    connections.push(writing)
    const wait = options.busyTimeoutMs ?? 5_000
    const onFailure = (error: unknown) => writes?.noticeFailure(error)
    const writer = new Kysely<CatalogTables>({ dialect: waitingSqliteDialect(writing, wait, onFailure) })
    await useWriteAheadLog(writer)
    await migrateCatalog(writer)
    assertFullSync(writing)
    const reading = new Database(file, { timeout: 0, readonly: true, fileMustExist: true })
    connections.unshift(reading)
    const reader = new Kysely<CatalogTables>({ dialect: waitingSqliteDialect(reading, wait, onFailure) })
    const made = new SqliteWrites(writer, writing, new CatalogPlace(file), options)
    writes = made
    const { lookEveryMs = 30_000 } = options
    const closing = new AbortController()
    const look = () => made.look().then(() => undefined)
    void repeat({ first: lookEveryMs, every: lookEveryMs }, closing.signal, look, () => undefined)
    return {
      ...catalogReader(reader),
      write: (model, work) => made.run((changes) => work(limitToModel(changes, model))),
      writeShared: (work) => made.run(work),
      writeEveryModel: (work) => made.run(work),
      close: () => {
        closing.abort()
        return made.close(() => {
          // The writer goes last: whoever closes last moves the write-ahead log into the file.
          reading.close()
          writing.close()
        })
      },
    }
  } catch (error) {
    for (const connection of connections) connection.close()
    throw whileOpening(file, error)
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
