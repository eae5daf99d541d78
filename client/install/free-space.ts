import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { PullFailure } from '../failure.ts'

/**
 * Refuses a transfer that the disk cannot hold, before it begins. No promise: others write too.
 *
 * @throws PullFailure `disk`
 */
export async function checkFreeSpace(file: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(file))
  const free = bavail * bsize
  if (bytes > free) {
    throw new PullFailure(
      'disk',
      `the archive has ${bytes} bytes, but only ${free} are free beside ${path.dirname(file)}`,
    )
  }
}

/** Whether a partial download is small enough to stay on a full disk: at most a tenth of the volume. */
export async function isAffordable(file: string, bytes: number): Promise<boolean> {
  const { blocks, bsize } = await statfs(path.dirname(file))
  return bytes <= (blocks * bsize) / 10
}
