import path from 'node:path'
import type { PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { readDatabase } from '../database-failure.ts'

/** Where a catalog lies: a data directory, or a database. */
export type CatalogPlace = { folder: string } | { database: PostgresSettings }

/**
 * Reads a place; `DATA_DIR` and `DATABASE_URL` stand for what these variables say, so that no password is seen on a command line.
 *
 * @throws ToolFailure (2)
 */
export function readPlace(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): CatalogPlace {
  if (text === 'DATA_DIR') return { folder: dataDir }
  const place = text === 'DATABASE_URL' ? (env['DATABASE_URL'] ?? '') : text
  if (text !== 'DATABASE_URL' && !place.includes('://')) return { folder: path.resolve(place) }
  return { database: readDatabase(place) }
}
