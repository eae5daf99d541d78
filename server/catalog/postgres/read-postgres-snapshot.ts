import { readMigrations } from '../sql/migrate-catalog.ts'
import type { OpenTables } from '../sql/open-tables.ts'
import { Connections } from './connections.ts'
import { requireCatalog } from './migrate-postgres.ts'
import { readNumbering } from './numbering.ts'
import { findConnector } from './open-pool.ts'
import { WHOLE_CATALOG_LIMITS, type PostgresSettings } from './postgres-settings.ts'

/** A catalog as it was at one moment. */
export interface PostgresSnapshot extends Pick<OpenTables, 'db' | 'readNumbering'> {
  /** The changes that made its tables what they are. */
  readonly migrations: readonly string[]
}

/**
 * Reads a catalog as it is at one moment, while servers go on changing it. Nothing is changed, its tables included.
 *
 * @throws PostgresMisconfigured where the database holds no catalog; DomainError `catalog-unavailable` where a newer Slipway wrote
 *   it; what pg throws where it cannot be reached.
 */
export async function readPostgresSnapshot<Result>(
  settings: PostgresSettings,
  work: (snapshot: PostgresSnapshot) => Promise<Result>,
): Promise<Result> {
  const connector = await findConnector(settings, WHOLE_CATALOG_LIMITS)
  const database = new Connections(connector, WHOLE_CATALOG_LIMITS)
  try {
    const db = database.open(1)
    const schema = await requireCatalog(db)
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const migrations = await readMigrations(transaction, schema)
        return await work({
          db: transaction,
          migrations,
          readNumbering: () => readNumbering(transaction),
        })
      })
  } finally {
    await database.close()
  }
}
