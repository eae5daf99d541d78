import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { TOKENS_FILE_OF_DATABASE } from '../../access/tokens-file.ts'
import { forgetMovedAway } from '../../catalog/postgres/moved-away.ts'
import { openPostgresTables } from '../../catalog/postgres/open-postgres-tables.ts'
import { CommitOutcomeUnknown } from '../../catalog/postgres/postgres-driver.ts'
import { describeDatabase, type PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { copyTables } from '../../catalog/sql/copy-catalog.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import { databaseFailure } from '../database-failure.ts'
import { ToolFailure } from '../tool-failure.ts'
import { lockForRestore } from './lock-for-restore.ts'
import { asidePath, readReplacedCatalog } from './replaced-catalog.ts'
import type { RestoreTarget } from './restore-target.ts'
import { readLastKnownTokens } from './revoke-ended-tokens.ts'

/**
 * Takes a database that no server runs over, to put a catalog there in one transaction.
 *
 * @param dataDir Where the catalog is made on its way, and where the one is set aside that it replaces: as a file.
 * @param replace Whether it may take the place of one that is there.
 * @param now Milliseconds since 1970.
 * @throws ToolFailure
 */
export async function restoreIntoDatabase(
  settings: PostgresSettings,
  dataDir: string,
  replace: boolean,
  now: number,
): Promise<RestoreTarget> {
  const lock = await lockForRestore(dataDir)
  const workFile = path.join(dataDir, 'catalog-database.sqlite.restoring')
  const aside = asidePath(path.join(dataDir, 'catalog-database.sqlite'), now)
  let database: OpenTables | undefined
  let isReplacing = false
  const release = async (): Promise<void> => {
    await removeDatabase(workFile)
    await database?.close()
    lock.release()
  }
  try {
    database = await openPostgresTables(settings, thisTool())
    isReplacing = await holdsModels(database)
    if (isReplacing && !replace)
      throw new ToolFailure(
        2,
        `There is a catalog in ${describeDatabase(settings)} already. With --replace the backup takes its place, and it is copied ` +
          `into a file in ${dataDir}.`,
      )
  } catch (error) {
    await release()
    throw databaseFailure(settings, error)
  }
  const tables = database
  return {
    workFile,
    readLastKnownTokens: () => readLastKnownTokens(path.join(dataDir, TOKENS_FILE_OF_DATABASE)),
    async readReplaced() {
      if (!isReplacing) return undefined
      await copyIntoFile(tables, aside).catch((error: unknown) => {
        throw databaseFailure(settings, error)
      })
      return readReplacedCatalog(aside)
    },
    async put() {
      const made = await openSqliteTables(workFile)
      try {
        await copyTables(made, tables, forgetMovedAway)
      } catch (error) {
        throw error instanceof CommitOutcomeUnknown
          ? outcomeUnknown(settings, error)
          : databaseFailure(settings, error)
      } finally {
        await made.close()
      }
      // It tells what the catalog before said.
      await rm(path.join(dataDir, 'current-database.json'), { force: true })
      return isReplacing ? aside : null
    },
    release,
  }
}

/** Where it was kept, it is replaced by the same once more, with higher numbers. */
function outcomeUnknown(settings: PostgresSettings, cause: Error): ToolFailure {
  return new ToolFailure(
    5,
    `${describeDatabase(settings)} went away when it was told to keep the catalog: whether it did is not known. Run the same command again, ` +
      'with --replace.',
    { cause },
  )
}

function thisTool() {
  return { holder: randomUUID(), place: randomUUID(), host: `${hostname()}, slipway restore` }
}

async function holdsModels({ db }: OpenTables): Promise<boolean> {
  return (await db.selectFrom('models').select('model').limit(1).executeTakeFirst()) !== undefined
}

async function copyIntoFile(from: OpenTables, file: string): Promise<void> {
  const partial = path.join(path.dirname(file), 'catalog-database.sqlite.partial')
  await mkdir(path.dirname(file), { recursive: true })
  await removeDatabase(partial)
  try {
    const copy = await openSqliteTables(partial)
    try {
      await copyTables(from, copy)
    } finally {
      await copy.close()
    }
  } catch (error) {
    // A disk that is full is not to stay so for the sake of half a copy.
    await removeDatabase(partial)
    throw error
  }
  await rename(partial, file)
  await syncPath(path.dirname(file))
}
