import { mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { snapshotCatalog } from '../backup/snapshot-catalog.ts'

/** Of folders in which a catalog is on its way. */
const SCRATCH = 'migrate-'

/** A catalog as it was at one moment, open for reading. */
export interface ScratchCopy {
  readonly tables: OpenTables
  /** Closes and deletes it. */
  remove(): Promise<void>
}

/**
 * Copies the catalog of a data directory into a folder of its own there. Nobody else does so at the same time.
 *
 * @throws ToolFailure, and what the disk throws; nothing of the copy is left then.
 */
export async function makeScratchCopy(folder: string, file: string): Promise<ScratchCopy> {
  await removeOldCopies(folder)
  const scratch = await mkdtemp(path.join(folder, SCRATCH))
  try {
    await snapshotCatalog({ file }, scratch, 'catalog.sqlite')
    const tables = await openSqliteTables(path.join(scratch, 'catalog.sqlite'))
    return {
      tables,
      async remove() {
        await tables.close()
        await rm(scratch, { recursive: true, force: true })
      },
    }
  } catch (error) {
    // The next one removes what cannot be removed now.
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

/** What a move that was killed left: a copy of everything, tokens included. */
async function removeOldCopies(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(SCRATCH)) await rm(path.join(folder, name), { recursive: true, force: true })
}
