import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import type { OpenTables } from '../sql/open-tables.ts'
import { Connections } from './connections.ts'
import { migratePostgres, requireCatalog } from './migrate-postgres.ts'
import {
  findMovedAway,
  forgetMovedAway,
  noteMovedAway,
  noteMoving,
  type ConcludedMove,
} from './moved-away.ts'
import { readNumbering } from './numbering.ts'
import { findConnector } from './open-pool.ts'
import { CommitOutcomeUnknown } from './postgres-driver.ts'
import { domainErrorOf } from './postgres-error.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'
import { WHOLE_CATALOG_LIMITS, type PostgresSettings } from './postgres-settings.ts'
import { STANDARD_LEASE, waitForLease, type ServerHolder, type ServerLease } from './server-lease.ts'
import { removeEndedOfOtherVersions } from './other-servers.ts'

/** For the changes that are under way when a move begins. */
const LONGEST_WAIT = '60s'

/** Another program moved the catalog while this one waited for it: it is elsewhere now, however often this is tried. */
export class MovedMeanwhile extends PostgresMisconfigured {
  constructor(concluded: ConcludedMove | undefined) {
    const what = concluded === undefined ? 'moved back here' : `moved to ${concluded.to}`
    super(
      `the catalog of this database was ${what} meanwhile, by another slipway migrate; nothing was moved by this one`,
    )
  }
}

/**
 * Keeps a catalog in a database from being changed while it is moved, whether servers run over it or not. Each write looks within its
 * transaction for a row that says so (write-fence.ts), which counts for as long as this program has the lease of the database. So
 * changes are taken again by themselves, by the clock of the database, where this program ends without a word.
 */
export class DatabaseMove {
  /** The move that was concluded here before, which may have been interrupted then. */
  readonly concluded: ConcludedMove | undefined
  /** Of this move: that of the one that was concluded before, which this one does once more. */
  readonly id: string
  readonly #database: Connections
  readonly #db: Kysely<CatalogTables>
  readonly #schema: string
  readonly #self: ServerHolder
  #lease: ServerLease | undefined
  #isServed = false
  #to = ''

  private constructor(
    database: Connections,
    { db, schema, concluded }: { db: Kysely<CatalogTables>; schema: string; concluded?: ConcludedMove },
  ) {
    this.#database = database
    this.#db = db
    this.#schema = schema
    this.#self = { holder: randomUUID(), place: randomUUID(), host: `${hostname()}, slipway migrate` }
    this.concluded = concluded
    this.id = concluded === undefined || concluded.id === '' ? randomUUID() : concluded.id
  }

  /**
   * Opens a database whose catalog is to be moved; nothing is changed until {@link begin}.
   *
   * @throws PostgresMisconfigured where it holds no catalog; what pg throws where it cannot be reached.
   */
  static async open(settings: PostgresSettings): Promise<DatabaseMove> {
    const database = new Connections(
      await findConnector(settings, WHOLE_CATALOG_LIMITS),
      WHOLE_CATALOG_LIMITS,
    )
    try {
      const db = database.open(4)
      const schema = await requireCatalog(db)
      const concluded = await findMovedAway(db)
      return new DatabaseMove(database, { db, schema, ...(concluded && { concluded }) })
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Whether servers run over it. */
  get isServed(): boolean {
    return this.#isServed
  }

  /**
   * Has nobody change the catalog, once the changes that had begun are made, and no server join.
   *
   * @param to For people.
   * @param version Of this program: servers of another may know nothing of moves.
   * @returns all that it keeps, at its newest form.
   * @throws MovedMeanwhile; PostgresMisconfigured where another tool works on it, or a server of another version runs over it.
   */
  async begin(to: string, version: string): Promise<Pick<OpenTables, 'db' | 'readNumbering'>> {
    this.#to = to
    const lease = await waitForLease(this.#database.open(1), this.#self, STANDARD_LEASE)
    // Another move may have been concluded while this one waited.
    const concluded = await findMovedAway(this.#db)
    if (concluded?.id !== this.concluded?.id) {
      await lease.release()
      throw new MovedMeanwhile(concluded)
    }
    this.#lease = lease
    lease.keep(STANDARD_LEASE, () => undefined)
    await this.#alone(lease, async (transaction) => {
      const running = await removeEndedOfOtherVersions(transaction, version)
      const other = running.find((server) => server.version !== version)
      if (other !== undefined) throw otherVersion(other)
      this.#isServed = running.length > 0
      // The wait for writes may have been longer than the lease is good, and kept its renewal waiting.
      await lease.renewLocked(transaction, STANDARD_LEASE)
      await noteMoving(transaction, { to, ...this.#self })
    })
    await migratePostgres(this.#db, this.#schema)
    return { db: this.#db, readNumbering: () => readNumbering(this.#db) }
  }

  /**
   * Has nobody change the catalog any more, for good: the last step before the target has it.
   *
   * @throws PostgresMisconfigured where it may have been changed since {@link begin}.
   */
  async conclude(): Promise<void> {
    const lease = this.#lease
    if (lease === undefined) throw new Error('A move is concluded that did not begin')
    await this.#alone(lease, async (transaction) => {
      // Nobody writes now; and nobody wrote before, if the lease never ended.
      await lease.requireExclusively(transaction)
      await forgetMovedAway(transaction)
      await noteMovedAway(transaction, { to: this.#to, id: this.id })
    })
  }

  /**
   * Lets the catalog be changed again. What was concluded before this move stays so: the target may have it.
   *
   * Where the database does not answer, changes are taken again by themselves; where this move had been concluded, it can be done again.
   * Never rejects.
   */
  async giveUp(): Promise<void> {
    const lease = this.#lease
    if (lease === undefined) return
    const forget = this.#db.transaction().execute(async (transaction) => {
      await lease.requireExclusively(transaction)
      await forgetMovedAway(transaction)
      if (this.concluded !== undefined) await noteMovedAway(transaction, this.concluded)
    })
    await forget.catch(() => undefined)
    await lease.release()
  }

  async close(): Promise<void> {
    await this.#lease?.release()
    await this.#database.close()
  }

  /** Works while nobody else writes: whoever does has one of these locks. In the order in which servers that join take them. */
  async #alone(
    lease: ServerLease,
    work: (transaction: Transaction<CatalogTables>) => Promise<void>,
  ): Promise<void> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await sql`set local lock_timeout = ${sql.lit(LONGEST_WAIT)}`.execute(transaction)
        await lease.requireExclusively(transaction)
        await sql`select id from servers order by id for update`.execute(transaction)
        await work(transaction)
      })
    } catch (error) {
      throw domainErrorOf(error instanceof CommitOutcomeUnknown ? error.cause : error)
    }
  }
}

function otherVersion({ host, version }: { host: string; version: string }): PostgresMisconfigured {
  return new PostgresMisconfigured(
    `a server of another version (${version}, on ${host}) runs over this database, and may know nothing of a move: stop it first, or use the ` +
      'slipway of its version',
  )
}
