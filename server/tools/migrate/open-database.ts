import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { openPostgresTables } from '../../catalog/postgres/open-postgres-tables.ts'
import { describeDatabase, type PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { databaseFailure } from '../database-failure.ts'

/** Takes a database that no server runs over. @throws ToolFailure (5) */
export async function openDatabase(
  settings: PostgresSettings,
): Promise<{ description: string; tables: OpenTables }> {
  const self = { holder: randomUUID(), place: randomUUID(), host: `${hostname()}, slipway migrate` }
  try {
    return { description: describeDatabase(settings), tables: await openPostgresTables(settings, self) }
  } catch (error) {
    throw databaseFailure(settings, error)
  }
}
