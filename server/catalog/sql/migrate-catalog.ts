import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { DomainError } from '../../errors/errors.ts'
import type { CatalogTables } from './catalog-tables.ts'
import { migrations } from '../migrations/index.ts'

/** A newer program has changed the tables. */
export class NewerCatalog extends DomainError {
  /** @param migration The change that this program does not know. */
  constructor(migration: string) {
    super(
      'catalog-unavailable',
      `The catalog was written by a newer Slipway: it contains the change "${migration}", ` +
        'which this one does not know. Run that version again, or restore a backup made before the upgrade.',
      { migration },
    )
  }
}

/**
 * Brings the tables to the newest form that this program knows; all of it happens, or nothing.
 *
 * @param schema Where the tables are, in a database that has several.
 * @param upTo The last change that is made; without it all are.
 * @throws NewerCatalog
 */
export async function migrateCatalog(
  db: Kysely<CatalogTables>,
  { schema, upTo }: { schema?: string; upTo?: string } = {},
): Promise<void> {
  await readMigrations(db, schema)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  })
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo))
  if (error instanceof Error) throw error
}

/**
 * The changes that made the tables what they are, in their order; none where there are no tables yet.
 *
 * @throws NewerCatalog
 */
export async function readMigrations(db: Kysely<CatalogTables>, schema?: string): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const isThere = tables.some((table) => {
    return table.name === 'kysely_migration' && (schema === undefined || table.schema === schema)
  })
  if (!isThere) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const unknown = rows.find(({ name }) => !(name in migrations))
  if (unknown === undefined) return rows.map(({ name }) => name)
  throw new NewerCatalog(unknown.name)
}
