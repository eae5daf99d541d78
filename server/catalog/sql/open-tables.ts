import type { Kysely } from 'kysely'
import type { CatalogTables } from './catalog-tables.ts'

/** The tables of a catalog that nobody else works on meanwhile: what is moved elsewhere, or made anew. */
export interface OpenTables {
  readonly db: Kysely<CatalogTables>
  /** The last number that each table gave out by itself, which may be above all that are left. */
  readNumbering(): Promise<Map<string, number>>
  /** Lets a table go on behind that number. @param db The transaction that rows were put in by. */
  continueNumbering(db: Kysely<CatalogTables>, table: string, last: number): Promise<void>
  /**
   * Makes sure that nobody else can have worked on them since they were opened, nor does until a transaction has ended.
   *
   * @param db That transaction.
   * @throws where somebody can have: this program slept, or the database did not answer for too long.
   */
  requireAlone(db: Kysely<CatalogTables>): Promise<void>
  close(): Promise<void>
}
