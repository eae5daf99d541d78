import { sql, type Kysely } from 'kysely'
import { migrations } from '../migrations/index.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migrateCatalog } from '../sql/migrate-catalog.ts'
import { hasTable } from './server-lease.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'

/** Any two numbers that nothing else in the database uses: one server migrates, others wait. */
const MIGRATION_LOCK = sql`1397508432, 1`

/** Of what a migration does to a large table. */
const LONGEST_MIGRATION = '1h'

/** PostgreSQL 13 ended its support in November 2025. */
const OLDEST_VERSION = 140_000

/**
 * Brings the tables to the newest form that this program knows, one server at a time; all of it happens, or nothing.
 *
 * @param schema What {@link requireUsable} gave.
 * @throws PostgresMisconfigured where the database is another program's; DomainError `catalog-unavailable` where a newer program
 *   wrote the catalog.
 */
export async function migratePostgres(db: Kysely<CatalogTables>, schema: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = ${sql.lit(LONGEST_MIGRATION)}`.execute(transaction)
    await sql`set local lock_timeout = ${sql.lit(LONGEST_MIGRATION)}`.execute(transaction)
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction)
    await requireOurs(transaction, schema)
    await migrateCatalog(transaction, { schema })
  })
}

/**
 * Looks whether a database can keep a catalog at all.
 *
 * @returns the schema that tables are made in.
 * @throws PostgresMisconfigured where it is too old, takes no writes, or holds no Unicode.
 */
export async function requireUsable(db: Kysely<CatalogTables>): Promise<string> {
  const { rows } = await sql<Facts>`select
    current_setting('server_version_num')::int as version,
    current_setting('server_version') as "versionText",
    current_setting('server_encoding') as encoding,
    current_schema() as schema,
    pg_is_in_recovery() as "isStandby",
    current_setting('default_transaction_read_only') = 'on' as "isReadOnly"`.execute(db)
  const [facts] = rows
  if (facts === undefined) throw new PostgresMisconfigured('the database says nothing of itself')
  const { version, versionText, encoding, schema, isStandby, isReadOnly } = facts
  if (version < OLDEST_VERSION)
    throw new PostgresMisconfigured(`PostgreSQL ${versionText} is too old; use PostgreSQL 14 or later`)
  if (isStandby)
    throw new PostgresMisconfigured('the database is a standby, which takes no writes; name the primary')
  if (isReadOnly)
    throw new PostgresMisconfigured(
      'the database is read-only (default_transaction_read_only); make it writable, or name the primary',
    )
  if (encoding !== 'UTF8')
    throw new PostgresMisconfigured(
      `the database has the encoding ${encoding}; create one with: createdb --encoding=UTF8 --template=template0`,
    )
  if (schema === null)
    throw new PostgresMisconfigured(
      'search_path names no schema that exists; create it, or change search_path',
    )
  return schema
}

/**
 * Looks whether a database holds a catalog.
 *
 * @returns the schema of its tables.
 * @throws PostgresMisconfigured where it does not, and as {@link requireUsable} does.
 */
export async function requireCatalog(db: Kysely<CatalogTables>): Promise<string> {
  const schema = await requireUsable(db)
  await requireOurs(db, schema)
  if (!(await hasTable(db, 'servers')))
    throw new PostgresMisconfigured(
      `there is no catalog in the database ${schema === 'public' ? '' : `(schema ${schema}) `}yet; ` +
        'name the one that the servers use (DATABASE_URL)',
    )
  return schema
}

interface Facts {
  version: number
  versionText: string
  encoding: string
  schema: string | null
  isStandby: boolean
  isReadOnly: boolean
}

/** Somebody else's tables are left alone, also where they do not stand in the way. */
async function requireOurs(db: Kysely<CatalogTables>, schema: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = ${schema} order by 1`.execute(db)
  const names = rows.map(({ name }) => name)
  if (names.length === 0 || (await areMigrationsOurs(db, names))) return
  throw new PostgresMisconfigured(
    `the database holds tables of another program (${names.slice(0, 3).join(', ')}); ` +
      'create one for Slipway alone (createdb slipway), and name that',
  )
}

/** Other programs are built on kysely, too: its table says of each what it changed. */
async function areMigrationsOurs(db: Kysely<CatalogTables>, tables: readonly string[]): Promise<boolean> {
  if (!tables.includes('kysely_migration')) return false
  const { rows } = await sql<{
    name: string
  }>`select name from kysely_migration order by name limit 1`.execute(db)
  return rows[0] === undefined || rows[0].name in migrations
}
