import { sql, type Kysely, type Transaction } from 'kysely'
import { migrations } from '../migrations/index.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migrateCatalog, readMigrations } from '../sql/migrate-catalog.ts'
import { hasTable } from './server-lease.ts'
import { refusalOf, type DatabaseFacts } from './judge-database.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'

/** Any two numbers that nothing else in the database uses: one server migrates, others wait. */
const MIGRATION_LOCK = sql`1397508432, 1`

/** Of what a migration does to a large table. */
const LONGEST_MIGRATION = '1h'

/**
 * Brings the tables to the newest form that this program knows, one server at a time; all of it happens, or nothing.
 *
 * @param schema What {@link requireUsable} gave.
 * @param findObstacle Asked before the first change, in the same transaction: why nothing may be changed now.
 * @returns what it gave: then nothing was changed. Undefined where the tables are as they should be.
 * @throws PostgresMisconfigured where the database is another program's; DomainError `catalog-unavailable` where a newer program
 *   wrote the catalog.
 */
export async function migratePostgres<Obstacle>(
  db: Kysely<CatalogTables>,
  schema: string,
  findObstacle?: (transaction: Transaction<CatalogTables>) => Promise<Obstacle | undefined>,
): Promise<Obstacle | undefined> {
  return await db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = ${sql.lit(LONGEST_MIGRATION)}`.execute(transaction)
    await sql`set local lock_timeout = ${sql.lit(LONGEST_MIGRATION)}`.execute(transaction)
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction)
    await requireOurs(transaction, schema)
    const made = await readMigrations(transaction, schema)
    if (made.length === Object.keys(migrations).length) return undefined
    const obstacle = await findObstacle?.(transaction)
    if (obstacle === undefined) await migrateCatalog(transaction, { schema })
    return obstacle
  })
}

/**
 * Looks whether a database can keep a catalog at all.
 *
 * @returns the schema that tables are made in.
 * @throws PostgresMisconfigured where it is too old, takes no writes, or holds no Unicode.
 */
export async function requireUsable(db: Kysely<CatalogTables>): Promise<string> {
  const { rows } = await sql<DatabaseFacts>`select
    current_setting('server_version_num')::int as version,
    current_setting('server_version') as "versionText",
    current_setting('server_encoding') as encoding,
    current_schema() as schema,
    pg_is_in_recovery() as "isStandby",
    current_setting('default_transaction_read_only') = 'on' as "isReadOnly"`.execute(db)
  const [facts] = rows
  if (facts === undefined) throw new PostgresMisconfigured('the database says nothing of itself')
  const refusal = refusalOf(facts)
  if (refusal !== undefined) throw new PostgresMisconfigured(refusal)
  return facts.schema ?? ''
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

/**
 * Somebody else's tables are left alone, also where they do not stand in the way: to be asked before any table is looked for by its name.
 *
 * @param schema What {@link requireUsable} gave.
 * @throws PostgresMisconfigured where there are such, or no tables may be made.
 */
export async function requireOurs(db: Kysely<CatalogTables>, schema: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = ${schema} order by 1`.execute(db)
  const names = rows.map(({ name }) => name)
  if (names.length === 0) {
    await requireRight(db)
    return
  }
  if (await areMigrationsOurs(db, names)) return
  throw new PostgresMisconfigured(
    `the database holds tables of another program (${names.slice(0, 3).join(', ')}); ` +
      'create one for Slipway alone (createdb slipway), and name that',
  )
}

/** Without a look the failure would be that of a statement after the one that was refused. */
async function requireRight(db: Kysely<CatalogTables>): Promise<void> {
  const { rows } = await sql<{
    user: string
    schema: string
    mayCreate: boolean
  }>`select current_user as user,
    current_schema() as schema, has_schema_privilege(current_schema(), 'create') as "mayCreate"`.execute(db)
  const [found] = rows
  if (found?.mayCreate !== false) return
  throw new PostgresMisconfigured(
    `the user ${found.user} may not make tables there; make it the owner of the database, or grant it create on the schema ${found.schema}`,
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
