import { rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import Database, { type Database as Connection } from 'better-sqlite3'
import { isDamaged } from '../catalog/sqlite/sqlite-error.ts'
import { hashFile, syncPath } from './durable-file.ts'
import { ToolFailure } from './tool-failure.ts'

/** A copy of a catalog, and the blobs that it names. */
export interface CatalogSnapshot {
  file: string
  sha256: string
  size: number
  blobs: { digest: string; size: number }[]
  /** The identity of the catalog; undefined where an earlier version wrote it. */
  server: string | undefined
}

/**
 * Copies a catalog as it is at one moment, while a server writes to it (VACUUM INTO), checks the copy and puts it on
 * the disk.
 *
 * @param name Of the copy in `folder`.
 */
export async function snapshotCatalog(
  catalogFile: string,
  folder: string,
  name: string,
): Promise<CatalogSnapshot> {
  const partial = path.join(folder, `${name}.partial`)
  await rm(partial, { force: true })
  const { blobs, server } = copy(catalogFile, partial)
  await syncPath(partial)
  const { sha256 } = await hashFile(partial)
  await rename(partial, path.join(folder, name))
  return { file: name, sha256, size: (await stat(path.join(folder, name))).size, blobs, server }
}

function copy(from: string, to: string): Pick<CatalogSnapshot, 'blobs' | 'server'> {
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

function readContents(file: string): Pick<CatalogSnapshot, 'blobs' | 'server'> {
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
