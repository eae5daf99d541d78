import path from 'node:path'
import type { PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'

/** The catalog that is backed up: a SQLite file, or a database. */
export type CatalogSource = { file: string } | { database: PostgresSettings }

/** The catalog of a server. @param database undefined: its catalog is a file in the data directory. */
export function catalogSource(dataDir: string, database: PostgresSettings | undefined): CatalogSource {
  return database === undefined ? { file: path.join(dataDir, 'catalog.sqlite') } : { database }
}
