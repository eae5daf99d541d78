import { isDeepStrictEqual } from 'node:util'
import { sql, type Kysely } from 'kysely'
import type { CatalogTables } from './catalog-tables.ts'
import type { OpenTables } from './open-tables.ts'

/**
 * The key of each table, in an order in which rows may be put in: after those that they refer to. null: what belongs to the
 * servers of a database and not to the catalog.
 */
const KEYS = {
  models: ['model'],
  releases: ['model', 'number'],
  release_facts: ['model', 'number'],
  release_bundles: ['model', 'number'],
  released_digests: ['model', 'digest'],
  tag_moves: ['sequence'],
  tags: ['model', 'tag'],
  inbox_files: ['path'],
  damaged_blobs: ['digest'],
  unused_blobs: ['digest'],
  blob_claims: ['digest'],
  doomed_blobs: ['digest', 'generation'],
  task_progress: ['task'],
  exports: ['model', 'tag'],
  bots: ['model', 'bot'],
  processes: ['model', 'process'],
  fleets: ['model'],
  forgotten_processes: ['model', 'process'],
  events: ['sequence'],
  rollouts: ['id'],
  quarantine: ['model', 'digest'],
  webhooks: ['id'],
  webhook_deliveries: ['id'],
  webhook_queues: ['webhook', 'model'],
  numbering: ['id'],
  identity: ['id'],
  tokens: ['id'],
  trusted_publishers: ['name'],
  token_changes: ['id'],
  audit: ['sequence'],
  audit_head: ['id'],
  commits: null,
  leases: null,
  servers: null,
} as const satisfies Record<keyof CatalogTables, readonly string[] | null>

/** Facts of a release take up to 256 KiB. */
const ROWS_AT_ONCE = 100

type Row = Readonly<Record<string, unknown>>

/** What is copied, and as what a failure to read it is told: without `explain` as it is. */
interface CopySource extends Pick<OpenTables, 'db' | 'readNumbering'> {
  readonly explain?: (error: unknown) => unknown
}

/** A copy that is not what it was copied from. The message says what to do. */
export class CopyDiffers extends Error {
  override readonly name = 'CopyDiffers'

  /** @param how What differs of the table. */
  constructor(table: string, how: string) {
    super(
      `The copy is not what it was copied from (table ${table}: ${how}). Another program wrote into it meanwhile, a trigger of the database ` +
        'changes its rows, or a disk or the memory of a machine fails.',
    )
  }
}

/** What was copied: rows by table. */
export type CopiedRows = Readonly<Record<string, number>>

/**
 * Copies all that a catalog keeps into another, in the place of what that has, and compares each row with what it was copied from.
 *
 * @param to The transaction of a catalog that is on the same migrations, which need not be the newest.
 * @throws CopyDiffers where a row is not what it was.
 */
async function copyCatalog(from: CopySource, to: Kysely<CatalogTables>): Promise<CopiedRows> {
  const existing = new Set((await to.introspection.getTables()).map(({ name }) => name))
  const tables = Object.entries(KEYS).flatMap(([table, key]) => {
    return key === null || !existing.has(table) ? [] : [{ table, key }]
  })
  for (const { table } of tables.toReversed()) await sql`delete from ${sql.table(table)}`.execute(to)
  const copied: Record<string, number> = {}
  for (const { table, key } of tables) copied[table] = await copyTable(from, to, table, key)
  return copied
}

/**
 * As {@link copyCatalog}, in one transaction, with the numbers that tables go on with. Nothing is copied into tables that somebody else
 * can have worked on meanwhile.
 *
 * @param conclude Done last in the transaction.
 * @throws what `from.explain` makes of a failure to read; CopyDiffers; other failures as they are.
 */
export async function copyTables(
  from: CopySource,
  to: Pick<OpenTables, 'db' | 'continueNumbering'> & Partial<Pick<OpenTables, 'requireAlone'>>,
  conclude: (transaction: Kysely<CatalogTables>) => Promise<void> = () => Promise.resolve(),
): Promise<CopiedRows> {
  const numbering = await reading(from, () => from.readNumbering())
  return await to.db.transaction().execute(async (transaction) => {
    await to.requireAlone?.(transaction)
    const rows = await copyCatalog(from, transaction)
    for (const [table, last] of numbering) await to.continueNumbering(transaction, table, last)
    await conclude(transaction)
    return rows
  })
}

async function copyTable(
  from: CopySource,
  to: Kysely<CatalogTables>,
  table: string,
  key: readonly string[],
): Promise<number> {
  let copied = 0
  for (let last: Row | undefined; ;) {
    const rows = await reading(from, () => readPage(from.db, table, key, last))
    if (rows.length === 0) break
    await insert(to, table, rows)
    const found = await readPage(to, table, key, last)
    // What was not there yet when the page was read is compared with the next.
    requireSame(table, rows, found.slice(0, rows.length))
    copied += rows.length
    last = rows.at(-1)
  }
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(to)
  if (Number(rows[0]?.count) !== copied) throw new CopyDiffers(table, 'it has other rows than were copied')
  return copied
}

async function reading<Result>(from: CopySource, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw from.explain === undefined ? error : from.explain(error)
  }
}

async function readPage(
  db: Kysely<CatalogTables>,
  table: string,
  key: readonly string[],
  last: Row | undefined,
): Promise<Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const behind =
    last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => last[column]))})`
  const { rows } = await sql<Row>`select * from ${sql.table(table)} ${behind}
    order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(db)
  return rows
}

async function insert(db: Kysely<CatalogTables>, table: string, rows: readonly Row[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {})
  const columns = sql.join(names.map((name) => sql.ref(name)))
  const values = sql.join(rows.map((row) => sql`(${sql.join(names.map((name) => row[name]))})`))
  await sql`insert into ${sql.table(table)} (${columns}) values ${values}`.execute(db)
}

function requireSame(table: string, expected: readonly Row[], found: readonly Row[]): void {
  const wrong = expected.findIndex((row, index) => !isDeepStrictEqual({ ...found[index] }, storable(row)))
  if (wrong !== -1) throw new CopyDiffers(table, 'a row has other values')
}

/** Postgres keeps no NUL in a text: U+FFFD stands there (postgres-driver.ts). */
function storable(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => {
    return [name, typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value]
  })
  return Object.fromEntries(entries) as Row
}
