import Database, { type Database as Connection } from 'better-sqlite3'
import { isDamaged } from '../../catalog/sqlite/sqlite-error.ts'
import { ToolFailure } from '../tool-failure.ts'

/** What a copied catalog says of itself. */
export interface CatalogContents {
  /** The blobs that its releases name. */
  blobs: { digest: string; size: number }[]
  /** The identity of the catalog; undefined where an earlier version wrote it. */
  server: string | undefined
}

/**
 * Copies a catalog as it is at one moment, while a server writes to it, and checks the copy. Blocks its thread: a second or
 * two for some hundred MB.
 *
 * @throws ToolFailure
 */
export function copyCatalog(from: string, to: string): CatalogContents {
  try {
    const source = new Database(from, { readonly: true, fileMustExist: true, timeout: 30_000 })
    try {
      source.prepare('vacuum into ?').run(to)
    } finally {
      source.close()
    }
    return readContents(to)
  } catch (cause) {
    if (cause instanceof ToolFailure) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ToolFailure(
      isDamaged(cause) ? 4 : 3,
      `The catalog ${from} cannot be copied to ${to}: ${reason}.`,
      { cause },
    )
  }
}

/** What a copy says of itself, after a look whether it is sound. @throws ToolFailure (4) */
export function readContents(file: string): CatalogContents {
  const database = new Database(file, { readonly: true })
  try {
    const found = database.pragma('integrity_check(1)', { simple: true })
    if (found !== 'ok') {
      throw new ToolFailure(4, `The catalog is damaged (${String(found)}); restore an earlier backup.`)
    }
    const blobs = database
      .prepare<[], { digest: string; size: number }>(
        'select digest, min(size) as size from releases group by digest order by digest',
      )
      .all()
    return { blobs, server: readIdentity(database) }
  } finally {
    database.close()
  }
}

function readIdentity(database: Connection): string | undefined {
  const hasOne = database.prepare("select 1 from sqlite_master where name = 'identity'").get() !== undefined
  return hasOne ? database.prepare<[], string>('select server from identity').pluck().get() : undefined
}
