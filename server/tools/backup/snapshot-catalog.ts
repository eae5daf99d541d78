import { rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import type { CatalogSource } from './catalog-source.ts'
import type { CatalogContents } from './copy-catalog.ts'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { copyInWorker } from './copy-in-worker.ts'
import { hashFile } from './durable-file.ts'

/** A copy of a catalog, and the blobs that it names. */
export interface CatalogSnapshot extends CatalogContents {
  file: string
  sha256: string
  size: number
}

/**
 * Copies a catalog as it is at one moment into a SQLite file, while servers write to it (VACUUM INTO, or row by row from a
 * database; in a thread of its own), checks the copy and puts it on the disk.
 *
 * @param name Of the copy in `folder`.
 * @throws ToolFailure
 */
export async function snapshotCatalog(
  from: CatalogSource,
  folder: string,
  name: string,
): Promise<CatalogSnapshot> {
  const partial = path.join(folder, `${name}.partial`)
  await removeDatabase(partial)
  try {
    const contents = await copyInWorker({ from, to: partial })
    await syncPath(partial)
    const { sha256 } = await hashFile(partial)
    await rename(partial, path.join(folder, name))
    return { file: name, sha256, size: (await stat(path.join(folder, name))).size, ...contents }
  } catch (error) {
    // A disk that is full would have no room for the next attempt either.
    await removeDatabase(partial)
    throw error
  }
}
