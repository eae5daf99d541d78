import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { migrations } from '../../catalog/migrations/index.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { CatalogMove } from '../../catalog/sqlite/catalog-move.ts'
import { MOVED_FOR_GOOD } from '../../catalog/sqlite/find-move.ts'
import { DataDirectoryInUse, lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { waitUntilFree, type CurrentHolder } from '../../catalog/wait-until-free.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { snapshotCatalog } from '../backup/snapshot-catalog.ts'
import { ToolFailure } from '../tool-failure.ts'
import { movedElsewhere, type MoveSource } from './move-source.ts'

/** Of folders in which a catalog is on its way. */
const SCRATCH = 'migrate-'

/**
 * Opens a data directory whose catalog is to be moved, be it while a server runs on it. Nothing is changed until it begins.
 *
 * @throws ToolFailure
 */
export async function openFolderSource(folder: string): Promise<MoveSource> {
  const file = path.join(folder, 'catalog.sqlite')
  if (!existsSync(file)) throw new ToolFailure(2, `There is no catalog in ${folder}.`)
  const lock = await lockUnlessServed(folder)
  let move: CatalogMove | undefined
  let tables: OpenTables | undefined
  let scratch: string | undefined
  const close = async () => {
    await tables?.close()
    move?.close()
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true })
    lock?.release()
  }
  try {
    if (lock === undefined) requireSameVersion(folder, file)
    if (hasLeases(file)) move = new CatalogMove(file)
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...{
      description: folder,
      move: move?.id,
      concludedBefore: move?.concludedTo === undefined ? undefined : move.id,
    },
    isServed: () => lock === undefined,
    async begin(to) {
      if (move?.concludedTo !== undefined && move.concludedTo !== to)
        throw movedElsewhere(folder, move.concludedTo)
      if (move !== undefined) await take(move, folder, to)
      try {
        await removeOldScratch(folder)
        scratch = await mkdtemp(path.join(folder, SCRATCH))
        await snapshotCatalog({ file }, scratch, 'catalog.sqlite')
        tables = await openSqliteTables(path.join(scratch, 'catalog.sqlite'))
        return tables
      } catch (error) {
        move?.giveUp()
        throw error
      }
    },
    conclude() {
      if (move?.conclude() !== false) return Promise.resolve()
      throw new ToolFailure(
        3,
        `Something wrote into the catalog of ${folder} while it was moved, or this program slept. Stop servers of an earlier version, if there ` +
          'are any.',
      )
    },
    giveUp() {
      move?.giveUp()
      return Promise.resolve()
    },
    explain: (error) => error,
    async finish() {
      // Closing moves the write-ahead log into the file. A server that runs has the file open: to it, and to the next, the row says enough.
      move?.close()
      if (lock === undefined) return
      settle(file)
      await rename(file, `${file}.moved`)
    },
    close,
  }
}

/** What a move that was killed left: a copy of everything, tokens included. No other move is under way here. */
async function removeOldScratch(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(SCRATCH)) await rm(path.join(folder, name), { recursive: true, force: true })
}

/** @returns undefined where a server runs on the folder. */
async function lockUnlessServed(folder: string): Promise<DataLock | undefined> {
  try {
    return await lockDataDirectory(folder)
  } catch (error) {
    if (error instanceof DataDirectoryInUse) return undefined
    throw error
  }
}

/** A server that knows nothing of moves would go on writing. */
function requireSameVersion(folder: string, file: string): void {
  const database = new Database(file, { readonly: true, timeout: 5_000 })
  try {
    const newest = database.prepare<[], string>('select max(name) from kysely_migration').pluck().get()
    if (newest === Object.keys(migrations).toSorted().at(-1)) return
  } finally {
    database.close()
  }
  throw new ToolFailure(
    3,
    `A server of another version runs on ${folder}. Stop it first, or use the slipway of its version.`,
  )
}

function hasLeases(file: string): boolean {
  const database = new Database(file, { readonly: true, timeout: 5_000 })
  try {
    return database.prepare("select 1 from sqlite_master where name = 'leases'").get() !== undefined
  } finally {
    database.close()
  }
}

/** Waits for the end of a move that was killed. */
async function take(move: CatalogMove, folder: string, to: string): Promise<void> {
  const moving = ({ host }: CurrentHolder) =>
    new ToolFailure(3, `Another slipway migrate moves the catalog of ${folder} (on ${host}).`)
  const attempt = () => {
    const other = move.take(to, hostname())
    if (other?.sign === MOVED_FOR_GOOD) throw moving(other)
    return Promise.resolve(other ?? { done: undefined })
  }
  await waitUntilFree(attempt, moving)
}

function settle(file: string): void {
  const database = new Database(file, { fileMustExist: true, timeout: 5_000 })
  try {
    database.pragma('wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}
