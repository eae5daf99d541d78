import { sql, type Kysely } from 'kysely'
import type { GroupServer, KnownServer, ServerGroup } from '../../coordination/server-group.ts'
import { HOUSEKEEPER_LEASE } from '../leases.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { NOW } from './database-clock.ts'
import { refuseMovedAway } from './moved-away.ts'
import { findObstacle, type Obstacle } from './other-servers.ts'
import { isRefusal } from './postgres-error.ts'
import type { RegistryTimings } from './registry-timings.ts'
import { Renewal } from './renewal.ts'
import { lockServerLease } from './server-lease.ts'

/** A heartbeat may come so much later than it is due. */
const HEARTBEAT_DELAY_MS = 1_000

/** Servers that ended without a word are told of for so long: somebody may look for them. */
const TOLD_OF_MS = 24 * 60 * 60_000

/** How often it is looked for those that are not told of any more: it need not be with each heartbeat. */
const FORGET_EVERY_MS = 60 * 60_000

/**
 * The servers over one catalog: a row for each, that it renews, and whose key each of its transactions locks (write-fence.ts). So nobody can take a
 * row away while its server writes, and whose row was taken away (by one that cannot share, or a tool that works alone) writes nothing
 * more.
 */
export class ServerRegistry implements ServerGroup {
  readonly id: string
  readonly database: string
  readonly #db: Kysely<CatalogTables>
  readonly #timings: RegistryTimings
  #renewal: Renewal | undefined
  #address = ''
  #comparedAt = performance.now()
  #forgotAt = -Infinity

  private constructor(
    db: Kysely<CatalogTables>,
    { id, database }: Pick<ServerGroup, 'id' | 'database'>,
    timings: RegistryTimings,
  ) {
    this.#db = db
    this.id = id
    this.database = database
    this.#timings = timings
  }

  /** Registers a server, unless one that it cannot share with may be running. @throws PostgresMisconfigured where the catalog was moved away. */
  static async join(
    db: Kysely<CatalogTables>,
    self: GroupServer,
    timings: RegistryTimings,
  ): Promise<ServerRegistry | Obstacle> {
    const database = await databaseId(db)
    return await db.transaction().execute(async (transaction) => {
      // One joins after the other, and none while somebody works alone.
      const alone = await lockServerLease(transaction)
      if (alone.isGood && alone.place !== self.place)
        return { kind: 'alone', host: alone.host, storage: '', sign: alone.until } as const
      await refuseMovedAway(transaction)
      await transaction.deleteFrom('servers').where('place', '=', self.place).execute()
      const obstacle = await findObstacle(transaction, self, timings)
      if (obstacle !== undefined) return obstacle
      const { id, place, host, version } = self
      await transaction
        .insertInto('servers')
        .values({
          ...{ id, place, host, version, address: '', storage: self.storage.name },
          ...{ started_at: NOW, seen_at: NOW, compared_at: NOW },
        })
        .execute()
      return new ServerRegistry(db, { id, database }, timings)
    })
  }

  /** Says again and again that this server runs, until {@link leave}. @param onLost Told once, where its row was taken away. */
  keep(onLost: () => void): void {
    const renew = async () => {
      const isThere = await this.#renew()
      if (isThere) await this.#forgetOld()
      return isThere
    }
    this.#renewal = new Renewal({ every: this.#timings.heartbeat, renew, onLost })
  }

  listensAt(address: string): void {
    this.#address = address
    void this.#renew().catch(() => undefined)
  }

  compared(): void {
    this.#comparedAt = performance.now()
  }

  async list(): Promise<KnownServer[]> {
    const { rows } =
      await sql<KnownServer>`select id, host, address, version, started_at as "startedAt", seen_at as "seenAt",
        ${this.#behind()} as behind,
        seen_at >= ${NOW} - ${sql.lit(this.#timings.alive)} as "isRunning",
        exists (select 1 from leases where name = ${HOUSEKEEPER_LEASE} and holder = servers.id and until >= ${NOW}) as "keepsHouse"
      from servers order by started_at, id`.execute(this.#db)
    return rows
  }

  /**
   * How old what a server knew was when it was heard last; and the time since, where it should have been heard again: between two
   * heartbeats nobody but itself knows that it goes on comparing.
   */
  #behind() {
    const overdue = sql<number>`greatest(0, ${NOW} - seen_at - ${sql.lit(this.#timings.heartbeat + HEARTBEAT_DELAY_MS)})`
    return sql<number>`greatest(0, seen_at - compared_at) + ${overdue}`
  }

  /** Lets the others know that it has ended. Never rejects. */
  async leave(): Promise<void> {
    await this.#renewal?.stop()
    await this.#db
      .deleteFrom('servers')
      .where('id', '=', this.id)
      .execute()
      .catch(() => undefined)
  }

  async #renew(): Promise<boolean> {
    const age = Math.round(performance.now() - this.#comparedAt)
    const { numUpdatedRows } = await this.#db
      .updateTable('servers')
      .set({
        seen_at: NOW,
        compared_at: sql<number>`${NOW} - ${sql.lit(age)}`,
        ...(this.#address === '' ? {} : { address: this.#address }),
      })
      .where('id', '=', this.id)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  async #forgetOld(): Promise<void> {
    const now = performance.now()
    if (now - this.#forgotAt < FORGET_EVERY_MS) return
    this.#forgotAt = now
    await this.#db
      .deleteFrom('servers')
      .where('seen_at', '<', sql<number>`${NOW} - ${sql.lit(TOLD_OF_MS)}`)
      .execute()
  }
}

/** Names the database of this cluster; a copy of it that was restored elsewhere has another name. */
async function databaseId(db: Kysely<CatalogTables>): Promise<string> {
  const oid = sql<{ id: string }>`select oid::text as id from pg_database where datname = current_database()`
  const { rows } = await oid.execute(db)
  const cluster = sql<{ id: string }>`select system_identifier::text as id from pg_control_system()`
  // Some services do not let their users ask. One that failed to answer is asked again by another start: by another name this server would
  // take the bucket for that of another database.
  const of = await cluster.execute(db).catch((error: unknown) => {
    if (isRefusal(error)) return undefined
    throw error
  })
  return `database ${of?.rows[0]?.id ?? ''}/${rows[0]?.id ?? ''}`
}
