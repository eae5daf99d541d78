import { sql } from 'kysely'
import type { OpenTables } from '../sql/open-tables.ts'
import { Connections } from './connections.ts'
import { findConnector } from './open-pool.ts'
import { STANDARD_LIMITS, type PostgresSettings } from './postgres-settings.ts'
import type { ServerHolder } from './server-lease.ts'
import { takeAlone } from './join-group.ts'

/**
 * Opens the tables of a database that no server runs over, brings them up to date, and keeps servers from joining.
 *
 * @throws as `openPostgresCatalog` does.
 */
export async function openPostgresTables(settings: PostgresSettings, us: ServerHolder): Promise<OpenTables> {
  const database = new Connections(await findConnector(settings, STANDARD_LIMITS), STANDARD_LIMITS)
  try {
    const db = database.open(4)
    const lease = await takeAlone(db, database.open(1), us)
    return {
      db,
      async readNumbering() {
        const { rows } = await sql<{ table: string; last: number }>`
          select table_name as "table", coalesce(pg_sequence_last_value(pg_get_serial_sequence(table_name::text, column_name::text)::regclass), 0) as last
          from information_schema.columns where table_schema = current_schema() and is_identity = 'YES'`.execute(
          db,
        )
        return new Map(rows.filter(({ last }) => last > 0).map(({ table, last }) => [table, last]))
      },
      async continueNumbering(transaction, table, last) {
        await sql`select setval(pg_get_serial_sequence(table_name::text, column_name::text), ${last})
          from information_schema.columns
          where table_schema = current_schema() and table_name = ${table} and is_identity = 'YES'`.execute(
          transaction,
        )
      },
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
