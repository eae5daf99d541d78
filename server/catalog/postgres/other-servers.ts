import { sql, type Kysely, type Transaction } from 'kysely'
import type { GroupServer } from '../../coordination/server-group.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import type { CurrentHolder } from '../wait-until-free.ts'
import { NOW } from './database-clock.ts'
import { refuseMovedAway } from './moved-away.ts'
import { STANDARD_REGISTRY, type RegistryTimings } from './registry-timings.ts'
import { hasTable, shareServerLease } from './server-lease.ts'

/** Why a server cannot join now. */
export interface Obstacle extends CurrentHolder {
  readonly kind: 'alone' | 'server' | 'files' | 'other-storage'
  readonly storage: string
}

/**
 * Why tables may not be changed now by whoever would share them: a tool that has them for itself copies what they are, and whoever is
 * refused afterwards should have changed nothing. Asked in the transaction that changes them.
 *
 * @param self The server that wants to join; undefined: a tool that may run beside servers.
 * @throws PostgresMisconfigured where the catalog was moved away.
 */
export async function findObstacleToMigration(
  transaction: Transaction<CatalogTables>,
  self: GroupServer | undefined,
  timings: RegistryTimings,
): Promise<Obstacle | undefined> {
  if (!(await hasTable(transaction, 'leases'))) return undefined
  const alone = await shareServerLease(transaction)
  if (alone.isGood && alone.place !== self?.place)
    return { kind: 'alone', host: alone.host, storage: '', sign: alone.until }
  await refuseMovedAway(transaction)
  if (self === undefined || !(await hasTable(transaction, 'servers'))) return undefined
  await transaction.deleteFrom('servers').where('place', '=', self.place).execute()
  return await findObstacle(transaction, self, timings)
}

/** Whoever runs over another storage; one that has ended is taken away, so that it writes nothing should it only have slept. */
export async function findObstacle(
  transaction: Transaction<CatalogTables>,
  { storage }: GroupServer,
  { alive }: RegistryTimings,
): Promise<Obstacle | undefined> {
  const others = await transaction
    .selectFrom('servers')
    .select(['id', 'host', 'storage', 'seen_at'])
    .select(sql<boolean>`seen_at >= ${NOW} - ${sql.lit(alive)}`.as('isRunning'))
    .$if(storage.isShared, (query) => query.where('storage', '<>', storage.name))
    .orderBy('seen_at', 'desc')
    .execute()
  for (const { id, host, storage: name, seen_at, isRunning } of others) {
    const isSame = name === storage.name
    if (isRunning) return { kind: isSame ? 'files' : 'other-storage', host, storage: name, sign: seen_at }
    await transaction.deleteFrom('servers').where('id', '=', id).execute()
  }
  return undefined
}

/**
 * Takes away the servers that have ended, before somebody works alone.
 *
 * @returns one that may be running.
 */
export async function removeEndedServers(
  db: Kysely<CatalogTables>,
  { alive }: RegistryTimings,
): Promise<Obstacle | undefined> {
  return await db.transaction().execute(async (transaction) => {
    if (!(await hasTable(transaction, 'servers'))) return undefined
    const nowhere = { name: '', isShared: false }
    const self = { id: '', place: '', host: '', version: '', storage: nowhere }
    const running = await findObstacle(transaction, self, { alive, heartbeat: 0 })
    // To whoever works alone it does not matter where that one keeps archives.
    return running === undefined ? undefined : { ...running, kind: 'server' }
  })
}

/**
 * Takes away the servers of other versions that have ended, so that they write nothing should they only have slept.
 *
 * @param version Of servers that stay.
 * @returns those that may be running, of whichever version.
 */
export async function removeEndedOfOtherVersions(
  transaction: Transaction<CatalogTables>,
  version: string,
  { alive }: Pick<RegistryTimings, 'alive'> = STANDARD_REGISTRY,
): Promise<{ host: string; version: string }[]> {
  const oldest = sql<number>`${NOW} - ${sql.lit(alive)}`
  await transaction
    .deleteFrom('servers')
    .where('version', '<>', version)
    .where('seen_at', '<', oldest)
    .execute()
  return await transaction
    .selectFrom('servers')
    .select(['host', 'version'])
    .where('seen_at', '>=', oldest)
    .orderBy('seen_at')
    .execute()
}
