import Database from 'better-sqlite3'
import { isBusy } from './sqlite-error.ts'

/** Something that belongs to this program until it lets go or ends, however it ends. */
export interface FileLock {
  /** Lets others have it. Safe to call twice. */
  release(): void
}

/**
 * Takes a file for this program alone; creates it where it is missing.
 *
 * The lock is that of a SQLite file, which the kernel frees when its holder ends: Node has no flock, and a process id
 * means nothing between containers that share a volume.
 *
 * @param waitMilliseconds How long to wait for another program to let go; blocks the thread.
 * @returns undefined where another program holds it.
 * @throws Error where it cannot be locked at all.
 */
export function takeFileLock(file: string, waitMilliseconds = 0): FileLock | undefined {
  const database = new Database(file, { timeout: waitMilliseconds })
  try {
    // Nothing is ever written, so that no journal appears beside it.
    database.pragma('journal_mode = memory')
    database.exec('begin exclusive')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return {
    release: () => {
      database.close()
    },
  }
}
