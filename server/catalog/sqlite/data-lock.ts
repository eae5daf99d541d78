import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { takeFileLock, type FileLock } from './file-lock.ts'

/** A data directory that belongs to this program until it releases it or ends, however it ends. */
export type DataLock = FileLock

/** Another program has the data directory. The message says which one, and what to do. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse'
}

/**
 * Takes a data directory for this program alone; creates it where it is missing. Two servers on one directory would
 * sweep each other's temporary files and answer from stale memory.
 *
 * @throws DataDirectoryInUse at once where another program holds it; Error where it cannot be locked.
 */
export async function lockDataDirectory(folder: string): Promise<DataLock> {
  const lock = await attempt(folder)
  if (lock !== undefined) return lock
  throw new DataDirectoryInUse(
    `The data directory ${folder} is in use by another Slipway. ` +
      'Stop that one first, or set DATA_DIR to a directory of its own.',
  )
}

async function attempt(folder: string): Promise<FileLock | undefined> {
  try {
    await mkdir(folder, { recursive: true })
    return takeFileLock(path.join(folder, 'server.lock'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `The data directory ${folder} cannot be used (${reason}). Set DATA_DIR to a folder that can be written.`,
      {
        cause,
      },
    )
  }
}
