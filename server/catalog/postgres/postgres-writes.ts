import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { sql, type Kysely, type Transaction } from 'kysely'
import { DomainError } from '../../errors/errors.ts'
import type { CatalogWriter } from '../catalog.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { blobClaimWriter } from '../sql/blob-claims.ts'
import { leaseWriter } from '../sql/leases.ts'
import { catalogWriter } from '../sql/sql-catalog.ts'
import { heardReader, heardWriter } from './heard-processes.ts'
import { CommitOutcomeUnknown } from './postgres-driver.ts'
import { domainErrorOf, isConflict } from './postgres-error.ts'
import { ANSWERING, NOW } from './database-clock.ts'
import { lockEveryModel, lockModel } from './model-lock.ts'
import { notifyServers } from './news-listener.ts'
import { requireMayWrite } from './write-fence.ts'

/** How often a transaction that ran into another is done once more, from its beginning. */
const ATTEMPTS = 5

/** How long what became of a transaction can be looked up. */
const COMMITS_KEPT_MS = 60 * 60_000

export interface PostgresWritesOptions {
  /** The id of the server that writes; undefined: a tool that may run beside servers, or a test. */
  readonly server: string | undefined
  /** Milliseconds for which the outcome of a lost COMMIT is looked up. */
  readonly lookUpMs: number
}

/** The writes of a catalog in Postgres: side by side where they are about different models. */
export class PostgresWrites {
  readonly #db: Kysely<CatalogTables>
  readonly #options: PostgresWritesOptions
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(db: Kysely<CatalogTables>, options: PostgresWritesOptions) {
    this.#db = db
    this.#options = options
  }

  /** Runs `work` with a model to itself; what it wrote is durable when this resolves. */
  ofModel<Result>(model: string, work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#begin(async (transaction) => {
      const before = await lockModel(transaction, model)
      return async () => {
        await notifyServers(model, before, this.#options.server ?? '').execute(transaction)
      }
    }, work)
  }

  /** As {@link ofModel}, with every model to itself. */
  ofEveryModel<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#begin((transaction) => lockEveryModel(transaction).then(() => NOTHING), work)
  }

  /** As {@link ofModel}, without any. */
  shared<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#begin(() => Promise.resolve(NOTHING), work)
  }

  /** Waits for the writes that had begun; later ones reject. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#underWay)
  }

  /** Forgets transactions whose outcome nobody asks for any more. */
  async forgetOldCommits(): Promise<void> {
    await sql`delete from commits where at < ${NOW} - ${sql.lit(COMMITS_KEPT_MS)}`.execute(this.#db)
  }

  async #begin<Result>(lock: Lock, work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new DomainError('shutting-down', 'The catalog was closed.')
    const writing = this.#write(lock, work)
    this.#underWay.add(writing)
    try {
      return await writing
    } finally {
      this.#underWay.delete(writing)
    }
  }

  async #write<Result>(lock: Lock, work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(lock, work)
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw domainErrorOf(error)
      }
      // Two that ran into each other shall not do so again.
      await delay(Math.random() * 20 * 2 ** attempt)
    }
  }

  async #attempt<Result>(lock: Lock, work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    const id = randomUUID()
    let done: { result: Result } | undefined
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await requireMayWrite(transaction, this.#options.server)
        // Lock first, then read: each statement sees what was committed before it began.
        const finish = await lock(transaction)
        done = { result: await work(catalogWriterIn(transaction)) }
        await finish()
        await sql`insert into commits (id, at) values (${id}, ${NOW})`.execute(transaction)
      })
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknown)) throw error
      if (!(await this.#wasCommitted(id, error))) throw error.cause
    }
    if (done === undefined) throw new Error('A transaction was committed without its work')
    return done.result
  }

  /** What became of a transaction whose COMMIT was not answered. @throws DomainError where that cannot be found out in time. */
  async #wasCommitted(id: string, lost: CommitOutcomeUnknown): Promise<boolean> {
    const deadline = performance.now() + this.#options.lookUpMs
    for (;;) {
      try {
        return await this.#isRecorded(id)
      } catch (error) {
        if (performance.now() > deadline) throw outcomeUnknown(lost, error)
      }
      await delay(500)
    }
  }

  /**
   * Whether the row of a transaction is there. It is written once more, which waits for the end of the transaction where that is still under
   * way, and never kept: this answer may be lost, too, and whoever looks again is not to find the row of whoever looked before.
   */
  async #isRecorded(id: string): Promise<boolean> {
    const transaction = await this.#db.startTransaction().execute()
    try {
      const { numAffectedRows } = await sql`insert into commits (id, at) values (${id}, ${NOW})
        on conflict (id) do nothing`.execute(transaction)
      return numAffectedRows === 0n
    } finally {
      await transaction.rollback().execute()
    }
  }
}

/** Takes what a write needs for itself. @returns What is done last, in the same transaction. */
type Lock = (transaction: Transaction<CatalogTables>) => Promise<() => Promise<void>>

const NOTHING = (): Promise<void> => Promise.resolve()

function catalogWriterIn(transaction: Transaction<CatalogTables>): CatalogWriter {
  const writer = catalogWriter(transaction, ANSWERING)
  return {
    ...writer,
    ...blobClaimWriter(transaction, { now: NOW, locksRows: true }),
    ...leaseWriter(transaction, POSTGRES_LEASES),
    ...heardReader(transaction),
    ...heardWriter(transaction, writer),
    async addEvents(events) {
      if (events.length === 0) return
      // Their numbers must become visible in order: who reads those behind a number would miss one that comes late.
      await sql`select pg_advisory_xact_lock(${EVENTS_LOCK})`.execute(transaction)
      await writer.addEvents(events)
    },
  }
}

/** How Postgres keeps leases. */
export const POSTGRES_LEASES = { now: NOW, forUpdate: sql`for update`, forKeyShare: sql`for key share` }

const EVENTS_LOCK = sql`1397508432, 2`

function outcomeUnknown(lost: CommitOutcomeUnknown, cause: unknown): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'The database went away while it was told to keep a change: whether it did is not known yet. ' +
      'Look once it is back, and repeat the change only where it is not there.',
    { outcome: 'unknown' },
    { cause: new AggregateError([lost, cause], 'The outcome of a COMMIT could not be looked up') },
  )
}
