import path from 'node:path'
import { takeFileLock, type FileLock } from './file-lock.ts'

/**
 * Keeps blobs from being deleted while a backup collects them, and backups from beginning while blobs are deleted. The
 * server and a backup of its data directory are two programs; this is where they meet.
 *
 * @returns undefined where the other one holds it.
 */
export function lockBlobs(folder: string, waitMilliseconds = 0): FileLock | undefined {
  return takeFileLock(path.join(folder, 'backup.lock'), waitMilliseconds)
}
