import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { migrations } from '../../catalog/migrations/index.ts'
import type { OpenTables } from '../../catalog/sql/open-tables.ts'
import { CatalogMove } from '../../catalog/sqlite/catalog-move.ts'
import { MOVED_FOR_GOOD } from '../../catalog/sqlite/find-move.ts'
import { DataDirectoryInUse, lockDataDirectory, type DataLock } from '../../catalog/sqlite/data-lock.ts'
import { waitUntilFree, type CurrentHolder } from '../../catalog/wait-until-free.ts'
import { ToolFailure } from '../tool-failure.ts'
import { movedElsewhere, type MoveSource } from './move-source.ts'
import { makeScratchCopy, type ScratchCopy } from './scratch-copy.ts'

/**
 * Opens a data directory whose catalog is to be moved, be it while a server runs on it. Nothing is changed until it begins.
 *
 * @throws ToolFailure
 */
export async function openFolderSource(folder: string): Promise<MoveSource> {
  const file = path.join(folder, 'catalog.sqlite')
  if (!existsSync(file)) throw new ToolFailure(2, `There is no catalog in ${folder}.`)
  const lock = await lockUnlessServed(folder)
  try {
    if (lock === undefined) requireSameVersion(folder, file)
    return new FolderSource(folder, file, lock, hasLeases(file) ? new CatalogMove(file) : undefined)
  } catch (error) {
    lock?.release()
    throw error
  }
}

class FolderSource implements MoveSource {
  readonly description: string
  readonly move: string | undefined
  readonly concludedBefore: string | undefined
  readonly #file: string
  readonly #lock: DataLock | undefined
  readonly #move: CatalogMove | undefined
  #copy: ScratchCopy | undefined

  /**
   * @param lock Of the folder; undefined where a server has it.
   * @param move undefined where the catalog is of a version that cannot note one.
   */
  constructor(folder: string, file: string, lock: DataLock | undefined, move: CatalogMove | undefined) {
    this.description = folder
    this.move = move?.id
    this.concludedBefore = move?.concludedTo === undefined ? undefined : move.id
    this.#file = file
    this.#lock = lock
    this.#move = move
  }

  isServed(): boolean {
    return this.#lock === undefined
  }

  async begin(to: string): Promise<OpenTables> {
    const folder = this.description
    const move = this.#move
    if (move?.concludedTo !== undefined && move.concludedTo !== to)
      throw movedElsewhere(folder, move.concludedTo)
    if (move !== undefined) await take(move, folder, to)
    try {
      this.#copy = await makeScratchCopy(folder, this.#file)
      return this.#copy.tables
    } catch (error) {
      move?.giveUp()
      throw error
    }
  }

  async conclude(): Promise<void> {
    if (this.#move?.conclude() !== false) return
    throw new ToolFailure(
      3,
      `Something wrote into the catalog of ${this.description} while it was moved, or this program slept. Stop servers of an earlier ` +
        'version, if there are any.',
    )
  }

  async giveUp(): Promise<void> {
    this.#move?.giveUp()
  }

  explain(error: unknown): unknown {
    return error
  }

  async finish(): Promise<void> {
    // Closing moves the write-ahead log into the file. A server that runs has the file open: to it, and to the next, the row says enough.
    this.#move?.close()
    if (this.#lock === undefined) return
    settle(this.#file)
    await rename(this.#file, `${this.#file}.moved`)
  }

  async close(): Promise<void> {
    await this.#copy?.remove()
    this.#move?.close()
    this.#lock?.release()
  }
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
    if (other?.sign === MOVED_FOR_GOOD) throw movedElsewhere(folder, other.to)
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
