import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { quickCheck } from '../../catalog/sqlite/quick-check.ts'
import { findMovedTo } from '../../catalog/sqlite/find-move.ts'
import { openSqliteCatalog, type SqliteCatalogOptions } from '../../catalog/sqlite/sqlite-catalog.ts'
import { isDamaged, isFull } from '../../catalog/sqlite/sqlite-error.ts'
import { BALLAST_FILE } from '../../upkeep/ballast.ts'
import { unavailableCatalog } from '../../catalog/unavailable-catalog.ts'
import { readCurrentFile } from './current-file.ts'
import { ConfigError } from '../../config/config.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { CurrentModel } from '../../catalog/tags.ts'
import { DomainError } from '../../errors/errors.ts'

/** A catalog, and what its tags point at. */
export interface OpenedCatalog {
  catalog: Catalog
  models: CurrentModel[]
}

/**
 * Opens the catalog of a data directory. Where it is damaged, or gone or empty although there was one, polls go on being answered
 * from what it said last, and every change is refused until a backup is restored; `options.onWritable` is told. The same goes
 * for a disk so full that SQLite cannot make the files that it shares, until there is room and the server is restarted.
 *
 * @throws ConfigError where it was moved into a database; DomainError `catalog-unavailable` where it is damaged and nothing is known of what it said.
 */
export async function openCatalog(
  dataDir: string,
  options: SqliteCatalogOptions,
  logger: Logger,
): Promise<OpenedCatalog> {
  const file = path.join(dataDir, 'catalog.sqlite')
  refuseMoved(file)
  const last = await readCurrentFile(path.join(dataDir, 'current.json'))
  try {
    if (last !== undefined && last.length > 0 && !(await holdsAnything(file))) throw goneCatalog(file)
    return await openBesideBallast(dataDir, file, options)
  } catch (error) {
    if (!(isDamaged(error) || isFull(error)) || last === undefined) throw error
    logger.error({ err: error, models: last.length }, isFull(error) ? 'disk_full' : 'db_corrupt')
    const refusal = isFull(error) ? catalogWithoutRoom(error) : lostCatalog(error)
    options.onWritable?.(refusal)
    return { catalog: unavailableCatalog(refusal), models: last }
  }
}

/** What is changed here would be lost to the servers over the database. */
function refuseMoved(file: string): void {
  const to = findMovedTo(file)
  if (to === undefined) return
  throw new ConfigError([
    `DATA_DIR: its catalog was moved to ${to}: set DATABASE_URL. Where the move was interrupted, run slipway migrate again; to go back, ` +
      'slipway migrate --from DATABASE_URL --to DATA_DIR',
  ])
}

/** The ballast is taken again once there is room. */
async function openBesideBallast(
  dataDir: string,
  file: string,
  options: SqliteCatalogOptions,
): Promise<OpenedCatalog> {
  try {
    return await openSound(file, options)
  } catch (error) {
    if (!isFull(error)) throw error
    await rm(path.join(dataDir, BALLAST_FILE), { force: true })
    return await openSound(file, options)
  }
}

async function openSound(file: string, options: SqliteCatalogOptions): Promise<OpenedCatalog> {
  const catalog = await openSqliteCatalog(file, options)
  try {
    await quickCheck(file)
    return { catalog, models: await catalog.readCurrent() }
  } catch (error) {
    await catalog.close()
    throw error
  }
}

function goneCatalog(file: string): DomainError {
  return new DomainError(
    'catalog-unavailable',
    `The catalog ${file} is gone or empty, though there was one. Restore a backup (slipway restore); to begin anew instead, ` +
      'delete current.json beside it.',
    { damaged: true },
  )
}

function lostCatalog(cause: unknown): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'The catalog is damaged. Bots are served what it said last; nothing can be changed or looked up until a backup is ' +
      'restored: stop the server, then slipway restore.',
    {},
    { cause },
  )
}

function catalogWithoutRoom(cause: unknown): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'The disk of DATA_DIR is so full that the catalog cannot be opened. Bots are served what it said last; nothing can be ' +
      'changed or looked up until there is room and the server is restarted.',
    {},
    { cause },
  )
}

/** SQLite takes an empty file for a new catalog: numbers would begin at 1 again, and every blob would be an orphan. */
async function holdsAnything(file: string): Promise<boolean> {
  return stat(file).then(
    ({ size }) => size > 0,
    () => false,
  )
}
