import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { openPostgresTables } from '../../catalog/postgres/open-postgres-tables.ts'
import { describeDatabase, type PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { DataDirectoryInUse, lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { hasEmbeddedModels } from '../../catalog/sqlite/has-embedded-models.ts'
import { copySqliteFile, openSqliteTables } from '../../catalog/sqlite/open-sqlite-tables.ts'
import { databaseFailure, readDatabase } from '../database-failure.ts'
import { ToolFailure } from '../tool-failure.ts'

/** A catalog that this program has for itself. */
export interface CatalogAt {
  /** For people. */
  readonly description: string
  readonly tables: OpenTables
  /** After all of it was copied elsewhere, or put in here. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Where a catalog lies: a data directory, or a database. */
export type Place = { folder: string } | { database: PostgresSettings }

/**
 * Reads a place; `DATA_DIR` and `DATABASE_URL` stand for what these variables say, so that no password is seen on a command line.
 *
 * @throws ToolFailure (2)
 */
export function readPlace(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): Place {
  if (text === 'DATA_DIR') return { folder: dataDir }
  const place = text === 'DATABASE_URL' ? (env['DATABASE_URL'] ?? '') : text
  if (text !== 'DATABASE_URL' && !place.includes('://')) return { folder: path.resolve(place) }
  return { database: readDatabase(place) }
}

/** Opens what is to be moved: a copy of it, where it is a file. */
export async function openSource(place: Place): Promise<CatalogAt> {
  if ('database' in place) return await openDatabase(place.database)
  const { folder } = place
  const file = path.join(folder, 'catalog.sqlite')
  if (!existsSync(file)) throw new ToolFailure(2, `There is no catalog in ${folder}.`)
  const lock = await lockOrRefuse(folder)
  const scratch = await mkdtemp(path.join(folder, 'migrate-'))
  const giveBack = async () => {
    await rm(scratch, { recursive: true, force: true })
    lock.release()
  }
  try {
    const copy = path.join(scratch, 'catalog.sqlite')
    copySqliteFile(file, copy)
    const tables = await openSqliteTables(copy)
    return {
      description: folder,
      tables,
      // Two servers, one on each, would both take the archives for theirs.
      finish: () => rename(file, `${file}.moved`),
      async close() {
        await tables.close()
        await giveBack()
      },
    }
  } catch (error) {
    await giveBack()
    throw error
  }
}

/** Opens what is to be filled. @throws ToolFailure (10) where something is there already. */
export async function openTarget(place: Place): Promise<CatalogAt> {
  if ('database' in place) {
    const opened = await openDatabase(place.database)
    try {
      const found = await opened.tables.db.selectFrom('models').select('model').limit(1).executeTakeFirst()
      if (found !== undefined) throw alreadyThere(opened.description)
    } catch (error) {
      await opened.close()
      throw error
    }
    return opened
  }
  const { folder } = place
  await mkdir(folder, { recursive: true })
  const lock = await lockOrRefuse(folder)
  const file = path.join(folder, 'catalog.sqlite')
  try {
    if (hasEmbeddedModels(file)) throw alreadyThere(folder)
    const made = `${file}.new`
    await rm(made, { force: true })
    const tables = await openSqliteTables(made)
    return {
      description: folder,
      tables,
      async finish() {
        await tables.close()
        await rename(made, file)
      },
      async close() {
        await tables.close()
        await rm(made, { force: true })
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openDatabase(settings: PostgresSettings): Promise<CatalogAt> {
  const us = { holder: randomUUID(), place: randomUUID(), host: `${hostname()}, slipway migrate` }
  try {
    const tables = await openPostgresTables(settings, us)
    return {
      description: describeDatabase(settings),
      tables,
      finish: () => Promise.resolve(),
      close: () => tables.close(),
    }
  } catch (error) {
    throw databaseFailure(settings, error)
  }
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
