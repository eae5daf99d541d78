import { link, lstat, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import type { LastKnownTokens } from './revoke-ended-tokens.ts'

/** What SQLite may keep beside a catalog: its write-ahead log and the index of it. */
const WAL_SUFFIXES = ['-wal', '-shm']

/** A model of the catalog that a restore replaces, and the number that it would have given out next. */
export interface ReplacedModel {
  model: string
  nextNumber: number
}

/** What is read of a catalog that a restore replaces. */
export interface ReplacedCatalog {
  models: ReplacedModel[]
  /** Undefined: it is from before there were tokens. */
  tokens: LastKnownTokens | undefined
}

/**
 * Reads how far the numbers of the catalog went that a restore is about to replace, and which tokens it knew, and moves its write-ahead log into it
 * where it is sound.
 *
 * The connection is closed when this returns: SQLite removes the log while it closes, and a restore that went on meanwhile
 * would look for a file that goes at that moment.
 *
 * @returns undefined where the catalog cannot be read; it is left as it is then.
 */
export function readReplacedCatalog(file: string): ReplacedCatalog | undefined {
  try {
    const replaced = withCatalog(file, { readonly: true }, (database) => {
      if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') return undefined
      const models = database.prepare<[], ReplacedModel>(
        'select model, next_number as nextNumber from models',
      )
      return { models: models.all(), tokens: readTokens(database) }
    })
    if (replaced === undefined) return undefined
    withCatalog(file, {}, (database) => database.pragma('wal_checkpoint(truncate)'))
    return replaced
  } catch {
    return undefined
  }
}

function readTokens(database: Database.Database): LastKnownTokens | undefined {
  if (database.pragma('table_info(tokens)', { simple: true }) === undefined) return undefined
  const revision = database.prepare<[], { revision: number }>('select revision from token_changes').get()
  const inForce = database.prepare<[], LastKnownTokens['inForce'][number]>(
    'select name, digest, subject from tokens where revoked_at is null',
  )
  return { revision: revision?.revision ?? 0, inForce: inForce.all() }
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

/** Where a catalog is set aside that a restore replaces. @param now milliseconds since 1970 */
export function asidePath(file: string, now: number): string {
  return `${file}.before-restore-${new Date(now).toISOString().replaceAll(/[:.]/g, '')}`
}

/**
 * Gives a catalog a second name, with all that lies beside it, and then takes the log away from the first: a new catalog that
 * is put there must not find the log of another. Until then the first name holds all that it held.
 *
 * @param now milliseconds since 1970
 * @returns the second name.
 */
export async function setCatalogAside(file: string, now: number): Promise<string> {
  const aside = asidePath(file, now)
  for (const suffix of ['', ...WAL_SUFFIXES]) await linkAnew(`${file}${suffix}`, `${aside}${suffix}`)
  await syncPath(path.dirname(file))
  for (const suffix of WAL_SUFFIXES) await rm(`${file}${suffix}`, { force: true })
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
