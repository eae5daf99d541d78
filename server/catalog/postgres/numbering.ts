import { sql, type Kysely } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'

/** The last number that each table gave out by itself, which may be above all that are left. */
export async function readNumbering(db: Kysely<CatalogTables>): Promise<Map<string, number>> {
  const { rows } = await sql<{ table: string; last: number }>`
    select table_name as "table", coalesce(pg_sequence_last_value(pg_get_serial_sequence(table_name::text, column_name::text)::regclass), 0) as last
    from information_schema.columns where table_schema = current_schema() and is_identity = 'YES'`.execute(db)
  return new Map(rows.filter(({ last }) => last > 0).map(({ table, last }) => [table, last]))
}

/** Lets a table go on behind that number. */
export async function continueNumbering(
  db: Kysely<CatalogTables>,
  table: string,
  last: number,
): Promise<void> {
  await sql`select setval(pg_get_serial_sequence(table_name::text, column_name::text), ${last})
    from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and is_identity = 'YES'`.execute(db)
}
