import type { OpenTables } from '../sql/open-tables.ts'
import { Connections } from './connections.ts'
import { takeAlone } from './join-group.ts'
import { continueNumbering, readNumbering } from './numbering.ts'
import { findConnector } from './open-pool.ts'
import { WHOLE_CATALOG_LIMITS, type PostgresSettings } from './postgres-settings.ts'
import type { ServerHolder } from './server-lease.ts'

/**
 * Opens the tables of a database that no server runs over, brings them up to date, and keeps servers from joining.
 *
 * @throws as `openPostgresCatalog` does.
 */
export async function openPostgresTables(
  settings: PostgresSettings,
  self: ServerHolder,
): Promise<OpenTables> {
  const connector = await findConnector(settings, WHOLE_CATALOG_LIMITS)
  const database = new Connections(connector, WHOLE_CATALOG_LIMITS)
  try {
    const db = database.open(4)
    const lease = await takeAlone(db, database.open(1), self)
    return {
      db,
      readNumbering: () => readNumbering(db),
      continueNumbering,
      requireAlone: lease.require,
      async close() {
        await lease.release()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
