import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import { DomainError } from '../../errors/errors.ts'
import { PreparedStatements } from './prepared-statements.ts'
import { domainErrorOf, isBusy } from './sqlite-error.ts'

/**
 * A kysely dialect over one open better-sqlite3 database.
 *
 * It differs from kysely's own in two ways. Transactions begin with `begin immediate`: a plain `begin` that
 * reads first fails at its first write, at once, where another program wrote meanwhile
 * (SQLITE_BUSY_SNAPSHOT). And it waits for a busy database between attempts of ours, where SQLite's own
 * busy timeout would hold up every other request: open the database with `timeout: 0`.
 *
 * One transaction at a time: the caller must see to that.
 *
 * @param onFailure Told of each statement's failure, as SQLite says it.
 */
export function waitingSqliteDialect(
  database: Database,
  busyTimeoutMs: number,
  onFailure: (error: unknown) => void,
): Dialect {
  return {
    createDriver: () =>
      new WaitingDriver(new WaitingConnection(database, busyTimeoutMs, onFailure), database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

/** SQLite can change tables inside a transaction; kysely does so, for migrations, only where it is told. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class WaitingDriver implements Driver {
  readonly #connection: DatabaseConnection
  readonly #database: Database

  constructor(connection: DatabaseConnection, database: Database) {
    this.#connection = connection
    this.#database = database
  }

  init(): Promise<void> {
    return Promise.resolve()
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection)
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(): Promise<void> {
    // After a full disk or an I/O error SQLite may have rolled back by itself.
    if (!this.#database.inTransaction) return
    await this.#connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve()
  }

  /** The database belongs to whoever opened it. */
  destroy(): Promise<void> {
    return Promise.resolve()
  }
}

class WaitingConnection implements DatabaseConnection {
  readonly #database: Database
  readonly #busyTimeoutMs: number
  readonly #onFailure: (error: unknown) => void
  readonly #statements: PreparedStatements

  constructor(database: Database, busyTimeoutMs: number, onFailure: (error: unknown) => void) {
    this.#database = database
    this.#statements = new PreparedStatements(database)
    this.#busyTimeoutMs = busyTimeoutMs
    this.#onFailure = onFailure
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const deadline = performance.now() + this.#busyTimeoutMs
    for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
      try {
        return this.#run<Row>(query)
      } catch (error) {
        if (!isBusy(error) || performance.now() + pause > deadline) {
          this.#onFailure(error)
          throw domainErrorOf(error)
        }
      }
      await delay(pause)
    }
  }

  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This dialect does not stream: ask for pages')
  }

  #run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    if (!this.#database.open) throw new DomainError('shutting-down', 'The catalog was closed.')
    const statement = this.#statements.prepare<Row>(sql)
    if (statement.reader) return { rows: statement.all(...parameters) }
    const { changes, lastInsertRowid } = statement.run(...parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }
}
