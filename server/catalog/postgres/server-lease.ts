import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely'
import { DomainError } from '../../errors/errors.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { NOW } from './database-clock.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'
import { Renewal } from './renewal.ts'
import { waitUntilFree, type CurrentHolder } from '../wait-until-free.ts'

/** The lease of whoever has the database for itself: `slipway migrate`, or a server of a version before there were several. */
const SERVER = 'server'

/** Has the row of the lease be there, whoever has it. */
const MAKE_SERVER_LEASE = sql`insert into leases (name, holder, place, host, epoch, until) values (${sql.lit(SERVER)}, '', '', '', 0, 0)
    on conflict (name) do nothing`

/** Statements that keep others from taking the lease, or from working on with it, until a transaction has ended. */
export const SHARE_SERVER_LEASE = sql`${MAKE_SERVER_LEASE}; select name from leases where name = ${sql.lit(SERVER)} for key share;`

/** Whether the holder of another row of `leases` has the lease now. */
export function hasServerLease(holder: RawBuilder<string>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from leases as alone
    where alone.name = ${sql.lit(SERVER)} and alone.holder = ${holder} and alone.until >= ${NOW})`
}

/** A process that wants the catalog for itself. */
export interface ServerHolder {
  /** Drawn at its start. */
  readonly holder: string
  /**
   * The same for two processes only where they use the same data directory of the same machine, which one process at a time can
   * lock: whoever asks with the lock in its hand knows that the other has ended.
   */
  readonly place: string
  /** For people: the host name. */
  readonly host: string
}

/** Milliseconds, by the clock of the database. */
export interface ServerLeaseTimings {
  /** For how long a lease is good after each renewal. */
  readonly duration: number
  readonly renewal: number
}

export const STANDARD_LEASE: ServerLeaseTimings = { duration: 15_000, renewal: 5_000 }

/** The lease belongs to another server for now; its end grows with each renewal. */
type LeaseOfAnother = CurrentHolder

/**
 * Who has a catalog for itself: a row that its holder renews. A tool takes it so that no server joins meanwhile; servers of a version
 * that ran one at a time have it, too.
 *
 * A session-level advisory lock would end with a pooled connection, and would hold back nothing of what a program that lost it still
 * writes.
 */
export class ServerLease {
  readonly #db: Kysely<CatalogTables>
  readonly #self: ServerHolder
  readonly #epoch: number
  #renewal: Renewal | undefined

  private constructor(db: Kysely<CatalogTables>, self: ServerHolder, epoch: number) {
    this.#db = db
    this.#self = self
    this.#epoch = epoch
  }

  /** Takes the lease where it is free, was given up, has ended, or is that of a former process of the same data directory. */
  static async take(
    db: Kysely<CatalogTables>,
    self: ServerHolder,
    { duration }: ServerLeaseTimings,
  ): Promise<ServerLease | LeaseOfAnother> {
    return await db.transaction().execute(async (transaction) => {
      const found = await lockServerLease(transaction)
      if (found.isGood && found.place !== self.place) return { host: found.host, sign: found.until }
      const epoch = found.epoch + 1
      await transaction
        .updateTable('leases')
        .set({ ...self, epoch, until: sql<number>`${NOW} + ${sql.lit(duration)}` })
        .where('name', '=', SERVER)
        .execute()
      return new ServerLease(db, self, epoch)
    })
  }

  /** Renews it until {@link release}. @param onLost Told once, where it ended before it was renewed, or another server has it. */
  keep({ duration, renewal }: ServerLeaseTimings, onLost: () => void): void {
    this.#renewal = new Renewal({ every: renewal, renew: () => this.#renew(duration), onLost })
  }

  /**
   * Makes sure that it has been good all the time, and that nobody takes it or joins until a transaction has ended.
   *
   * @throws PostgresMisconfigured
   */
  readonly require = async (db: Kysely<CatalogTables>): Promise<void> => {
    requireGood(await this.#findGood(db).forKeyShare().executeTakeFirst())
  }

  /** As {@link require}; waits for the writes of tools, and has them and its own renewal wait until the transaction has ended. */
  async requireExclusively(transaction: Transaction<CatalogTables>): Promise<void> {
    await sql`select 1 from leases where name = ${SERVER} for update`.execute(transaction)
    // A statement of its own: it looks at the clock after the wait.
    requireGood(await this.#findGood(transaction).executeTakeFirst())
  }

  /** Renews it in a transaction that has had it locked since it was good: nobody took it or joined, however long that waited. */
  async renewLocked(
    transaction: Transaction<CatalogTables>,
    { duration }: ServerLeaseTimings,
  ): Promise<void> {
    await this.#extend(transaction, duration).execute()
  }

  /** Gives it up, so that the next server need not wait. Never rejects. */
  async release(): Promise<void> {
    await this.#renewal?.stop()
    await this.#update(sql<number>`0`)
      .execute()
      .catch(() => undefined)
  }

  #findGood(db: Kysely<CatalogTables>) {
    return db
      .selectFrom('leases')
      .select('name')
      .where('name', '=', SERVER)
      .where('holder', '=', this.#self.holder)
      .where('epoch', '=', this.#epoch)
      .where('until', '>=', NOW)
  }

  /** One that has ended is not renewed: a server may have joined since, which takes no lease. */
  async #renew(duration: number): Promise<boolean> {
    return await this.#db.transaction().execute(async (transaction) => {
      await sql`select 1 from leases where name = ${SERVER} for no key update`.execute(transaction)
      // A statement of its own: an update that waits for a row looks at the clock before it waits.
      const renewing = this.#extend(transaction, duration).where('until', '>=', NOW)
      const { numUpdatedRows } = await renewing.executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    })
  }

  #extend(transaction: Transaction<CatalogTables>, duration: number) {
    return this.#update(sql<number>`${NOW} + ${sql.lit(duration)}`, transaction)
  }

  #update(until: ReturnType<typeof sql<number>>, db = this.#db) {
    return db
      .updateTable('leases')
      .set({ until })
      .where('name', '=', SERVER)
      .where('holder', '=', this.#self.holder)
      .where('epoch', '=', this.#epoch)
  }
}

function requireGood(found: object | undefined): void {
  if (found === undefined)
    throw new PostgresMisconfigured(
      'a server may have begun to run over this database meanwhile, as this program slept or the database did not answer for too long; ' +
        'nothing was changed: try again',
    )
}

/** Reads the lease, and locks it until the transaction has ended, so that nobody takes it meanwhile. */
export async function lockServerLease(transaction: Transaction<CatalogTables>) {
  await MAKE_SERVER_LEASE.execute(transaction)
  return await transaction
    .selectFrom('leases')
    .select(['place', 'host', 'epoch', 'until', sql<boolean>`until >= ${NOW}`.as('isGood')])
    .where('name', '=', SERVER)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/** Reads the lease, and has nobody take it until the transaction has ended; tools that write beside servers go on. */
export async function shareServerLease(transaction: Transaction<CatalogTables>) {
  await MAKE_SERVER_LEASE.execute(transaction)
  return await transaction
    .selectFrom('leases')
    .select(['place', 'host', 'until', sql<boolean>`until >= ${NOW}`.as('isGood')])
    .where('name', '=', SERVER)
    .forKeyShare()
    .executeTakeFirstOrThrow()
}

/** Whether a table is there already. */
export async function hasTable(db: Kysely<CatalogTables>, name: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass(${name}) is not null as found`.execute(db)
  return rows[0]?.found === true
}

/**
 * Takes the lease, after it has ended where its server ended without giving it up.
 *
 * @throws PostgresMisconfigured as soon as the other server shows that it runs.
 */
export async function waitForLease(
  db: Kysely<CatalogTables>,
  self: ServerHolder,
  timings: ServerLeaseTimings,
): Promise<ServerLease> {
  return await waitUntilFree(async () => {
    const taken = await ServerLease.take(db, self, timings)
    return taken instanceof ServerLease ? { done: taken } : taken
  }, inUse)
}

function inUse({ host }: LeaseOfAnother): PostgresMisconfigured {
  return new PostgresMisconfigured(
    `another program has this database for itself (on ${host}); wait until it has ended, or end it: ` +
      'slipway migrate or restore, or a server of a version that ran one at a time',
  )
}

/** Why a server whose lease another one took writes nothing more. */
export function supersededServer(): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'Another server took over this database while this one did not answer. Nothing was changed, and this server changes nothing more: ' +
      'end it.',
  )
}
