import { rm } from 'node:fs/promises'
import { readPostgresSnapshot } from '../../catalog/postgres/read-postgres-snapshot.ts'
import type { PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { copyTables } from '../../catalog/sql/copy-catalog.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { databaseFailure } from '../database-failure.ts'
import { readContents, type CatalogContents } from './copy-catalog.ts'

/**
 * Copies the catalog of a database as it is at one moment into a SQLite file, while servers write to it; each row is compared. The
 * file is what an embedded server of the same version would have.
 *
 * @throws ToolFailure
 */
export async function copyDatabase(settings: PostgresSettings, to: string): Promise<CatalogContents> {
  try {
    await readPostgresSnapshot(settings, async (snapshot) => {
      const tables = await openSqliteTables(to, snapshot.migrations.at(-1))
      try {
        await copyTables(snapshot, tables)
      } finally {
        await tables.close()
      }
    })
    return readContents(to)
  } catch (error) {
    await rm(`${to}-journal`, { force: true })
    throw databaseFailure(settings, error)
  }
}
