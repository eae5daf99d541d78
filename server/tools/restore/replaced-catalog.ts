import { link, lstat, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'

/** What SQLite may keep beside a catalog: its write-ahead log and the index of it. */
const BESIDE = ['-wal', '-shm']

/** A model of the catalog that a restore replaces, and the number that it would have given out next. */
export interface ReplacedModel {
  model: string
  nextNumber: number
}

/**
 * Reads how far the numbers of the catalog went that a restore is about to replace, and moves its write-ahead log into it
 * where it is sound.
 *
 * The connection is closed when this returns: SQLite removes the log while it closes, and a restore that went on meanwhile
 * would look for a file that goes at that moment.
 *
 * @returns none where the catalog cannot be read; it is left as it is then.
 */
export function readReplacedModels(file: string): ReplacedModel[] {
  try {
    const models = withCatalog(file, { readonly: true }, (database) => {
      if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') return undefined
      return database.prepare<[], ReplacedModel>('select model, next_number as nextNumber from models').all()
    })
    if (models === undefined) return []
    withCatalog(file, {}, (database) => database.pragma('wal_checkpoint(truncate)'))
    return models
  } catch {
    return []
  }
}

function withCatalog<Result>(
  file: string,
  options: Database.Options,
  work: (database: Database.Database) => Result,
): Result {
  const database = new Database(file, { fileMustExist: true, ...options })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/**
 * Gives a catalog a second name, with all that lies beside it, and then takes the log away from the first: a new catalog that
 * is put there must not find the log of another. Until then the first name holds all that it held.
 *
 * @param now milliseconds since 1970
 * @returns the second name.
 */
export async function setCatalogAside(file: string, now: number): Promise<string> {
  const aside = `${file}.before-restore-${new Date(now).toISOString().replaceAll(/[:.]/g, '')}`
  for (const suffix of ['', ...BESIDE]) await linkAnew(`${file}${suffix}`, `${aside}${suffix}`)
  await syncPath(path.dirname(file))
  for (const suffix of BESIDE) await rm(`${file}${suffix}`, { force: true })
  return aside
}

/**
 * An interrupted restore may have used the name already. What is not there needs no second name; a folder, which can have but
 * one name and is no catalog, gets it instead of the first.
 */
async function linkAnew(from: string, to: string): Promise<void> {
  await rm(to, { force: true, recursive: true })
  const facts = await lstat(from).catch(() => undefined)
  if (facts?.isDirectory() === true) {
    await rename(from, to)
    return
  }
  await link(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
}
