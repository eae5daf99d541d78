import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { isBusy } from './sqlite-error.ts'

/** A data directory that belongs to this program until it lets go or ends, however it ends. */
export interface DataLock {
  /** Lets others have it. Safe to call twice. */
  release(): void
}

/** Another program has the data directory. The message says which one, and what to do. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse'
}

/**
 * Takes a data directory for this program alone; creates it where it is missing.
 *
 * Two servers on one directory would sweep each other's temporary files and answer from stale memory. The
 * lock is that of a SQLite file, which the kernel frees when its holder ends: Node has no flock, and a
 * process id means nothing between containers that share a volume.
 *
 * @throws DataDirectoryInUse at once where another program holds it; Error where it cannot be locked.
 */
export async function lockDataDirectory(folder: string): Promise<DataLock> {
  await mkdir(folder, { recursive: true })
  const database = new Database(path.join(folder, 'server.lock'), { timeout: 0 })
  try {
    // Nothing is ever written, so that no journal appears beside it.
    database.pragma('journal_mode = memory')
    database.exec('begin exclusive')
  } catch (error) {
    database.close()
    throw refusal(folder, error)
  }
  return {
    release: () => {
      database.close()
    },
  }
}

function refusal(folder: string, cause: unknown): Error {
  if (isBusy(cause)) {
    return new DataDirectoryInUse(
      `The data directory ${folder} is in use by another Slipway. ` +
        'Stop that one first, or set DATA_DIR to a directory of its own.',
      { cause },
    )
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(`The data directory ${folder} cannot be locked (${reason}). It must be writable.`, {
    cause,
  })
}
