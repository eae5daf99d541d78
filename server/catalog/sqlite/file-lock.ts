import Database from 'better-sqlite3'
import { chownSync, statSync } from 'node:fs'
import path from 'node:path'
import { isBusy } from './sqlite-error.ts'

/** Something that belongs to this program until it releases it or ends, however it ends. */
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
 * @param waitMilliseconds How long to wait for another program to release it; blocks the thread.
 * @returns undefined where another program holds it.
 * @throws Error where it cannot be locked at all.
 */
export function takeFileLock(file: string, waitMilliseconds = 0): FileLock | undefined {
  const database = new Database(file, { timeout: waitMilliseconds })
  try {
    giveToOwnerOfFolder(file)
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

/** What root makes beside the data of a service, a backup by cron for instance, must be one that the service can open. */
function giveToOwnerOfFolder(file: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(path.dirname(file))
  if (statSync(file).uid !== uid) chownSync(file, uid, gid)
}
