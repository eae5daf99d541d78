import { rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { TOKENS_FILE } from '../../access/tokens-file.ts'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import { ToolFailure } from '../tool-failure.ts'
import { lockForRestore } from './lock-for-restore.ts'
import { readReplacedCatalog, setCatalogAside } from './replaced-catalog.ts'
import type { RestoreTarget } from './restore-target.ts'
import { readLastKnownTokens } from './revoke-ended-tokens.ts'

/**
 * Takes a data directory, to put a catalog there.
 *
 * @param replace Whether it may take the place of one that is there; that one is set aside.
 * @param now Milliseconds since 1970.
 * @throws ToolFailure
 */
export async function restoreIntoFolder(
  dataDir: string,
  replace: boolean,
  now: number,
): Promise<RestoreTarget> {
  const lock = await lockForRestore(dataDir)
  const catalogFile = path.join(dataDir, 'catalog.sqlite')
  const workFile = `${catalogFile}.restoring`
  const isReplacing = await exists(catalogFile)
  if (isReplacing && !replace) {
    lock.release()
    throw new ToolFailure(
      2,
      `There is a catalog in ${dataDir} already. With --replace the backup takes its place, and it is set aside.`,
    )
  }
  return {
    workFile,
    readReplaced: () => Promise.resolve(isReplacing ? readReplacedCatalog(catalogFile) : undefined),
    readLastKnownTokens: () => readLastKnownTokens(path.join(dataDir, TOKENS_FILE)),
    async put() {
      const setAside = isReplacing ? await setCatalogAside(catalogFile, now) : null
      await rename(workFile, catalogFile)
      await syncPath(dataDir)
      // It tells what the catalog before said.
      await rm(path.join(dataDir, 'current.json'), { force: true })
      return setAside
    },
    async release() {
      await removeDatabase(workFile)
      lock.release()
    },
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
