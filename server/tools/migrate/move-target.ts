import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import type { CatalogTables } from '../../catalog/sql/catalog-tables.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { findMovedAway, forgetMovedAway } from '../../catalog/postgres/moved-away.ts'
import { DataDirectoryInUse, lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { findMovedTo } from '../../catalog/sqlite/find-move.ts'
import { hasEmbeddedModels } from '../../catalog/sqlite/has-embedded-models.ts'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import { domainErrorOf } from '../../catalog/sqlite/sqlite-error.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { copyFailure, databaseFailure } from '../database-failure.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { CatalogPlace } from './catalog-place.ts'
import { openDatabase } from './open-database.ts'

/** Where a moved catalog notes which move brought it. */
const TASK = 'moved-here'

/** What a catalog is moved into. */
export interface MoveTarget {
  /** For people. */
  readonly description: string
  readonly tables: OpenTables
  /** Whether the move in question brought all of it already, and was interrupted after that. */
  readonly isFilled: boolean
  /** With what a server runs over it, for people. */
  readonly settings: string
  /** A failure as a tool tells it. */
  explain(error: unknown): unknown
  finish(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens what is to be filled.
 *
 * @param interrupted A move that may have filled it.
 * @throws ToolFailure (10) where something else is there already.
 */
export async function openTarget(place: CatalogPlace, interrupted: string | undefined): Promise<MoveTarget> {
  if ('folder' in place) return await openFolder(place.folder)
  const { description, tables } = await openDatabase(place.database)
  try {
    const isFilled = interrupted !== undefined && (await readMove(tables.db)) === interrupted
    const found = await tables.db.selectFrom('models').select('model').limit(1).executeTakeFirst()
    // What was moved away from here may come back.
    if (found !== undefined && !isFilled && (await findMovedAway(tables.db)) === undefined)
      throw alreadyThere(description)
    return {
      description,
      tables,
      isFilled,
      settings: 'DATABASE_URL',
      explain: (error) => databaseFailure(place.database, error),
      finish: () => Promise.resolve(),
      close: () => tables.close(),
    }
  } catch (error) {
    await tables.close()
    throw databaseFailure(place.database, error)
  }
}

/** Has the target know which move brought it; done in the transaction that does. */
export async function noteMove(db: Kysely<CatalogTables>, move: string | undefined): Promise<void> {
  await forgetMovedAway(db)
  await db.deleteFrom('task_progress').where('task', '=', TASK).execute()
  if (move === undefined) return
  const begun_at = new Date().toISOString()
  await db
    .insertInto('task_progress')
    .values({ task: TASK, position: move, begun_at, completed_at: begun_at })
    .execute()
}

async function readMove(db: Kysely<CatalogTables>): Promise<string | undefined> {
  const found = await db
    .selectFrom('task_progress')
    .select('position')
    .where('task', '=', TASK)
    .executeTakeFirst()
  return found?.position
}

async function openFolder(folder: string): Promise<MoveTarget> {
  await mkdir(folder, { recursive: true })
  const lock = await lockOrRefuse(folder)
  const file = path.join(folder, 'catalog.sqlite')
  try {
    const wasMoved = findMovedTo(file) !== undefined
    if (!wasMoved && hasEmbeddedModels(file)) throw alreadyThere(folder)
    const made = `${file}.new`
    await removeDatabase(made)
    const tables = await openSqliteTables(made).catch(async (error: unknown) => {
      await removeDatabase(made)
      throw domainErrorOf(error)
    })
    return {
      description: folder,
      tables,
      isFilled: false,
      settings: `DATA_DIR=${folder} and without DATABASE_URL`,
      explain: (error) => copyFailure(domainErrorOf(error)),
      async finish() {
        await tables.close()
        // What was moved away from here comes back: what it was then is kept beside it.
        if (wasMoved)
          for (const suffix of ['-wal', '-shm', ''])
            await setAside(`${file}${suffix}`, `${file}.moved${suffix}`)
        await rename(made, file)
        await syncPath(folder)
      },
      async close() {
        await tables.close()
        await removeDatabase(made)
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function setAside(from: string, to: string): Promise<void> {
  await rm(to, { force: true })
  await rename(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
}

async function lockOrRefuse(folder: string): Promise<DataLock> {
  try {
    return await lockDataDirectory(folder)
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error
    throw new ToolFailure(3, `A server runs on ${folder}. Stop it first.`, { cause: error })
  }
}

function alreadyThere(place: string): ToolFailure {
  return new ToolFailure(10, `${place} has a catalog already, with models in it. Name an empty place.`)
}
