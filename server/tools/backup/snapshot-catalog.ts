import { once } from 'node:events'
import { rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { CatalogSource } from './catalog-source.ts'
import type { CatalogContents } from './copy-catalog.ts'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { hashFile } from './durable-file.ts'

/** A copy of a catalog, and the blobs that it names. */
export interface CatalogSnapshot extends CatalogContents {
  file: string
  sha256: string
  size: number
}

/** What the worker is to do. */
export interface CopyTask {
  from: CatalogSource
  to: string
}

/** What the worker says: errors lose their class on the way from thread to thread. */
export type CopyAnswer =
  { contents: CatalogContents } | { failure: Pick<ToolFailure, 'exit' | 'message' | 'reason'> }

/** Beside this file, and with its ending: `.ts` in a checkout, `.js` where it was compiled. */
const PROGRAM = new URL(import.meta.url.replace(/snapshot-catalog(\.\w+)$/, 'copy-catalog-worker$1'))

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

async function copyInWorker(task: CopyTask): Promise<CatalogContents> {
  const worker = new Worker(PROGRAM, { workerData: task })
  try {
    const [answer] = (await once(worker, 'message')) as [CopyAnswer]
    if ('contents' in answer) return answer.contents
    const { exit, message, reason } = answer.failure
    throw new ToolFailure(exit, message, reason === undefined ? {} : { reason })
  } finally {
    await worker.terminate()
  }
}
