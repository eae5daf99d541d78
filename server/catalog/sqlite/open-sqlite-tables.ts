import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { migrateCatalog } from '../sql/migrate-catalog.ts'
import type { OpenTables } from '../sql/open-tables.ts'
import { waitingSqliteDialect } from './waiting-sqlite-dialect.ts'

/**
 * Opens the tables of a SQLite file that no server works on, and brings them up to date.
 *
 * @param upTo The last change that is made to them; without it all are.
 */
export async function openSqliteTables(file: string, upTo?: string): Promise<OpenTables> {
  const database = new Database(file)
  database.pragma('synchronous = full')
  database.pragma('foreign_keys = on')
  const db = new Kysely<CatalogTables>({ dialect: waitingSqliteDialect(database, 5_000, () => undefined) })
  const close = () => {
    database.close()
    return Promise.resolve()
  }
  try {
    await migrateCatalog(db, upTo === undefined ? {} : { upTo })
  } catch (error) {
    await close()
    throw error
  }
  return {
    db,
    async readNumbering() {
      const { rows } = await sql<{
        name: string
        seq: number
      }>`select name, seq from sqlite_sequence`.execute(db)
      return new Map(rows.map(({ name, seq }) => [name, seq]))
    },
    async continueNumbering(transaction, table, last) {
      await sql`delete from sqlite_sequence where name = ${table}`.execute(transaction)
      await sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`.execute(transaction)
    },
    // Whoever opens a file has locked its folder.
    requireAlone: () => Promise.resolve(),
    close,
  }
}
