import type { Kysely } from 'kysely'
import type { GroupServer } from '../../coordination/server-group.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migratePostgres, requireOurs, requireUsable } from './migrate-postgres.ts'
import { refuseMovedAway } from './moved-away.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'
import { findObstacleToMigration, removeEndedServers, type Obstacle } from './other-servers.ts'
import { STANDARD_REGISTRY, type RegistryTimings } from './registry-timings.ts'
import { ServerRegistry } from './server-registry.ts'
import {
  hasTable,
  STANDARD_LEASE,
  waitForLease,
  type ServerHolder,
  type ServerLease,
  type ServerLeaseTimings,
} from './server-lease.ts'
import { waitUntilFree } from '../wait-until-free.ts'

/** Who wants a catalog. */
export interface JoinOptions {
  /** The server that joins those over the database; absent: a tool that may run beside them, or a test. */
  server?: GroupServer
  timings?: RegistryTimings
  /** Told where this server's row was taken away while it did not answer. */
  onSuperseded?: () => void
}

/**
 * Brings the tables up to date, and registers the server that wants them, if one does. Tables are brought up to date beside servers
 * that run: migrations add first, and take away a release later. While somebody has them alone, and where the server would be refused
 * afterwards, they stay as they are.
 *
 * @param leaseDb A connection of its own.
 * @throws PostgresMisconfigured as soon as a server that this one cannot share with shows that it runs.
 */
export async function joinGroup(
  db: Kysely<CatalogTables>,
  leaseDb: Kysely<CatalogTables>,
  { server, timings = STANDARD_REGISTRY, onSuperseded = () => undefined }: JoinOptions,
): Promise<ServerRegistry | undefined> {
  const schema = await requireUsable(db)
  const bringUpToDate = () =>
    waitUntilFree(async () => {
      const obstacle = await migratePostgres(db, schema, (transaction) =>
        findObstacleToMigration(transaction, server, timings),
      )
      return obstacle ?? { done: undefined }
    }, inTheWay)
  if (server === undefined) {
    await bringUpToDate()
    await refuseMovedAway(db)
    return undefined
  }
  await requireOurs(db, schema)
  // Versions that knew of one server at a time hold its lease; nothing is migrated under one of them.
  const isOld = (await hasTable(db, 'leases')) && !(await hasTable(db, 'servers'))
  const { id, place, host } = server
  const lease = isOld ? await waitForLease(leaseDb, { holder: id, place, host }, STANDARD_LEASE) : undefined
  try {
    await bringUpToDate()
    const registry = await waitUntilFree(async () => {
      const joined = await ServerRegistry.join(leaseDb, server, timings)
      return joined instanceof ServerRegistry ? { done: joined } : joined
    }, inTheWay)
    registry.keep(onSuperseded)
    return registry
  } finally {
    await lease?.release()
  }
}

/**
 * Brings the tables up to date, and has them for a tool alone: no server runs over them, and none can begin to.
 *
 * @param leaseDb A connection of its own.
 * @throws PostgresMisconfigured as soon as a server shows that it runs.
 */
export async function takeAlone(
  db: Kysely<CatalogTables>,
  leaseDb: Kysely<CatalogTables>,
  self: ServerHolder,
  timings: { lease: ServerLeaseTimings; registry: RegistryTimings } = STANDARD,
): Promise<ServerLease> {
  const schema = await requireUsable(db)
  await requireOurs(db, schema)
  const isNew = !(await hasTable(db, 'leases'))
  if (isNew) await migratePostgres(db, schema)
  const lease = await waitForLease(leaseDb, self, timings.lease)
  lease.keep(timings.lease, () => undefined)
  try {
    await waitUntilFree(
      async () => (await removeEndedServers(db, timings.registry)) ?? { done: undefined },
      inTheWay,
    )
    // With the lease in hand no server joins: whoever is refused here has changed nothing.
    if (!isNew) await migratePostgres(db, schema)
    return lease
  } catch (error) {
    await lease.release()
    throw error
  }
}

const STANDARD = { lease: STANDARD_LEASE, registry: STANDARD_REGISTRY }

function inTheWay({ kind, host, storage }: Obstacle): PostgresMisconfigured {
  return new PostgresMisconfigured(SENTENCES[kind](host, storage))
}

const SENTENCES: Readonly<Record<Obstacle['kind'], (host: string, storage: string) => string>> = {
  alone: (host) => `another program has this database for itself (on ${host}); wait until it has ended`,
  server: (host) =>
    `a server runs over this database (on ${host}): stop all servers that do, then run this again`,
  files: (host) =>
    `another server runs over this database (on ${host}), and several need a storage that all of them reach: ` +
    'stop that one first, or give all of them the same bucket (STORAGE=aws, gcs or azure)',
  'other-storage': (host, storage) =>
    `another server runs over this database (on ${host}) and keeps archives elsewhere (${storage}): ` +
    'stop that one first, or give this one the same STORAGE, bucket and folder',
}
