import { CompiledQuery } from 'kysely'
import type { DatabaseConnection, Driver, QueryResult, TransactionSettings } from 'kysely'
import type { Pool, PoolClient, QueryConfig } from 'pg'
import { cancelStatement } from './cancel-statement.ts'
import { isAnswerLate, isConnectionLost, isReadOnly } from './postgres-error.ts'
import type { PostgresLimits } from './postgres-settings.ts'

/** A COMMIT was sent and its answer lost: it may have been done or not. */
export class CommitOutcomeUnknown extends Error {
  override readonly name = 'CommitOutcomeUnknown'
}

/**
 * Kysely's driver over a pool of pg. It differs from kysely's own in its limits of time, on both sides: those of the database are
 * set for each transaction, as poolers between refuse them at the start of a session; and a connection that broke, or on which
 * nothing came in time, is never used again.
 */
export class PostgresDriver implements Driver {
  readonly #pool: Pool
  readonly #limits: PostgresLimits
  readonly #timeLimits: readonly string[]

  constructor(pool: Pool, limits: PostgresLimits) {
    this.#pool = pool
    this.#limits = limits
    this.#timeLimits = [
      `set local statement_timeout = ${limits.statement}`,
      `set local lock_timeout = ${limits.lock}`,
      `set local idle_in_transaction_session_timeout = ${limits.idle}`,
    ]
  }

  init(): Promise<void> {
    return Promise.resolve()
  }

  async acquireConnection(): Promise<PostgresConnection> {
    return new PostgresConnection(await this.#pool.connect(), this.#limits.answer)
  }

  async beginTransaction(
    connection: DatabaseConnection,
    { isolationLevel = 'read committed', accessMode }: TransactionSettings = {},
  ): Promise<void> {
    // Without an access mode the session's own counts: a database that is read-only for its administrator is so for us.
    const begin = ['begin isolation level', isolationLevel, ...(accessMode === undefined ? [] : [accessMode])]
    // One message, one answer.
    const statements = [begin.join(' '), ...this.#timeLimits]
    await connection.executeQuery(CompiledQuery.raw(statements.join('; ')))
  }

  /** @throws CommitOutcomeUnknown */
  async commitTransaction(connection: PostgresConnection): Promise<void> {
    try {
      await connection.commit()
    } catch (error) {
      if (!isConnectionLost(error)) throw error
      throw new CommitOutcomeUnknown('The answer to a COMMIT was lost', { cause: error })
    }
  }

  /** Never rejects: a connection on which it failed is closed, and the database rolls back by itself. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollBack()
  }

  releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
    return Promise.resolve()
  }

  /** The pool belongs to whoever opened it. */
  destroy(): Promise<void> {
    return Promise.resolve()
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient
  readonly #answerMs: number
  #isBroken = false
  /** Whether the database may work on a statement that nobody waits for any more. */
  #isWorking = false

  constructor(client: PoolClient, answerMs: number) {
    this.#client = client
    this.#answerMs = answerMs
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { command, rowCount, rows } = await this.#query<Row>(sql, parameters.map(storableText))
      const isChange = CHANGES.includes(command)
      return isChange ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
    } catch (error) {
      this.#isWorking ||= isAnswerLate(error)
      throw error
    }
  }

  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This dialect does not stream: ask for pages')
  }

  async commit(): Promise<void> {
    const { command } = await this.#query('commit')
    // Postgres ends a transaction in which a statement failed with a success that says ROLLBACK.
    if (command !== 'COMMIT') throw new Error('A statement of the transaction failed, and it was rolled back')
  }

  async rollBack(): Promise<void> {
    if (this.#isBroken) return
    await this.#query('rollback').catch(() => (this.#isBroken = true))
  }

  /**
   * Gives the connection back; of one that broke the pool opens another in its place. A COMMIT is never cancelled: one that waits for a
   * standby would be done without it.
   */
  release(): void {
    const release = (): void => {
      this.#client.release(this.#isBroken)
    }
    if (this.#isWorking) void cancelStatement(this.#client).then(release)
    else release()
  }

  async #query<Row>(text: string, values?: unknown[]) {
    const query: QueryConfig & { query_timeout: number } = {
      ...{ text, query_timeout: this.#answerMs },
      ...(values === undefined || values.length === 0 ? {} : { values }),
    }
    try {
      const result = await this.#client.query<Row & Record<string, unknown>>(query)
      // Several statements in one message have several results.
      return Array.isArray(result) ? (result.at(-1) as typeof result) : result
    } catch (error) {
      if (isConnectionLost(error) || isReadOnly(error)) this.#isBroken = true
      throw error
    }
  }
}

const CHANGES = ['INSERT', 'UPDATE', 'DELETE', 'MERGE']

/** Postgres keeps no NUL in a text, which SQLite does, and which names of bots and notes may hold. */
function storableText(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}
