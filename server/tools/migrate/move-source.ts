import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { migrations } from '../../catalog/migrations/index.ts'
import { findMovedAway, forgetMovedAway, noteMovedAway } from '../../catalog/postgres/moved-away.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { CatalogMove } from '../../catalog/sqlite/catalog-move.ts'
import { MOVED_FOR_GOOD } from '../../catalog/sqlite/find-move.ts'
import { DataDirectoryInUse, lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { waitUntilFree, type InTheWay } from '../../catalog/wait-until-free.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { snapshotCatalog } from '../backup/snapshot-catalog.ts'
import { databaseFailure } from '../database-failure.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { CatalogPlace } from './catalog-place.ts'
import { openDatabase } from './open-database.ts'

/** A catalog that is moved elsewhere. */
export interface MoveSource {
  /** For people. */
  readonly description: string
  /** Of this move; undefined where none is noted. */
  readonly move: string | undefined
  /** A move that was concluded here before, and may have been interrupted then. */
  readonly concludedBefore: string | undefined
  /** Whether a server serves pulls from it meanwhile. */
  readonly isServed: boolean
  /** Has nothing be changed from now on. @param to For people. @returns all that it keeps. */
  begin(to: string): Promise<OpenTables>
  /** Has nothing be changed any more, for good: done last before the target has it. */
  conclude(): Promise<void>
  /** Takes {@link conclude} back: the target does not have it. What was concluded before stays so. */
  giveUp(): Promise<void>
  /** A failure as a tool tells it. */
  explain(error: unknown): unknown
  /** The target has it. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Of folders in which a catalog is on its way. */
const SCRATCH = 'migrate-'

/** Opens what is to be moved. Nothing is changed until it begins. */
export async function openSource(place: CatalogPlace): Promise<MoveSource> {
  if ('folder' in place) return await openFolder(place.folder)
  const { description, tables } = await openDatabase(place.database)
  const concludedTo = await findMovedAway(tables.db)
  let target = ''
  return {
    ...{ description, move: undefined, concludedBefore: undefined, isServed: false },
    begin(to) {
      if (concludedTo !== undefined && concludedTo !== to) throw movedElsewhere(description, concludedTo)
      target = to
      return Promise.resolve(tables)
    },
    conclude: () => noteMovedAway(tables.db, target),
    async giveUp() {
      // Where the database is away too, the same move can be done again, and no other.
      if (concludedTo === undefined) await forgetMovedAway(tables.db).catch(() => undefined)
    },
    explain: (error) => databaseFailure(place.database, error),
    finish: () => Promise.resolve(),
    close: () => tables.close(),
  }
}

async function openFolder(folder: string): Promise<MoveSource> {
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
      isServed: lock === undefined,
    },
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

/** Two databases with the same catalog would both take the archives for theirs. */
function movedElsewhere(from: string, concludedTo: string): ToolFailure {
  return new ToolFailure(
    10,
    `The catalog of ${from} was moved to ${concludedTo} already. Where that was interrupted, move it there again; to have it elsewhere, move ` +
      `it from there. Is that lost? Then back up what was moved (slipway backup), restore that into an empty place, and move it from there.`,
  )
}

/** Waits for the end of a move that was killed. */
async function take(move: CatalogMove, folder: string, to: string): Promise<void> {
  const moving = ({ host }: InTheWay) =>
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
