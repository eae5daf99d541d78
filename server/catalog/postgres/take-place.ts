import type { Kysely } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migratePostgres, requireUsable } from './migrate-postgres.ts'
import {
  hasLeases,
  STANDARD_LEASE,
  waitForLease,
  type ServerHolder,
  type ServerLease,
  type ServerLeaseTimings,
} from './server-lease.ts'

/** Who wants a catalog. */
export interface PlaceOptions {
  /** The server that wants the catalog for itself; absent: a test. */
  server?: ServerHolder
  lease?: ServerLeaseTimings
  /** Told where another server took the catalog over while this one did not renew its lease. */
  onSuperseded?: () => void
}

/**
 * Brings the tables up to date, and takes the catalog for the server that wants it, if one does.
 *
 * @param ofLease A connection of its own.
 */
export async function takePlace(
  db: Kysely<CatalogTables>,
  ofLease: Kysely<CatalogTables>,
  { server, lease: timings = STANDARD_LEASE, onSuperseded = () => undefined }: PlaceOptions,
): Promise<ServerLease | undefined> {
  const schema = await requireUsable(db)
  if (server === undefined) {
    await migratePostgres(db, schema)
    return undefined
  }
  const take = async () => {
    const taken = await waitForLease(ofLease, server, timings)
    taken.keep(timings, onSuperseded)
    return taken
  }
  // Nothing is migrated under a server that runs.
  const lease = (await hasLeases(db)) ? await take() : undefined
  try {
    await migratePostgres(db, schema)
    return lease ?? (await take())
  } catch (error) {
    await lease?.release()
    throw error
  }
}
