import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { sql, type Kysely } from 'kysely'
import { CatalogMoving } from '../moving.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { SQLITE_NOW } from '../sql/sqlite-clock.ts'

/** The lease of a program that moves this catalog into a database. While it is good no write begins. */
export const MOVE_LEASE = 'move'

/** The end of the lease of a catalog that was moved: 285 millennia after 1970. */
export const MOVED_FOR_GOOD = 9_000_000_000_000_000

/** @throws CatalogMoving where the catalog is being moved, or was. */
export async function refuseWhileMoving(db: Kysely<CatalogTables>): Promise<void> {
  const { rows } = await sql<{
    to: string
    until: number
  }>`select place as "to", until from leases where name = ${MOVE_LEASE} and until >= ${SQLITE_NOW}`.execute(
    db,
  )
  const [move] = rows
  if (move !== undefined) throw new CatalogMoving(move.to, move.until === MOVED_FOR_GOOD)
}

/** Where a catalog was moved to for good; undefined where it was not, or there is none. */
export function findMovedTo(file: string): string | undefined {
  let database: Database.Database | undefined
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return undefined
    database = new Database(file, { readonly: true, fileMustExist: true })
    return database
      .prepare<[string, number], string>('select place from leases where name = ? and until = ?')
      .pluck()
      .get(MOVE_LEASE, MOVED_FOR_GOOD)
  } catch {
    // Not a catalog, or one of a version that could not be moved. Where it cannot be read, whoever opens it says so.
    return undefined
  } finally {
    database?.close()
  }
}
