import path from 'node:path'
import { largeArchiveFile } from '../../test/support/archive-builder.ts'

/** What `weights` shrink to, measured. */
const shrinksTo = 0.7845

/**
 * Writes a sound archive of about `megabytes` MB into `folder`; returns its path. Its payload shrinks like that of a
 * trained network: noise would let gzip pass it through uninflated, which makes the reader look good.
 */
export async function writeArchive(folder: string, megabytes: number): Promise<string> {
  const file = path.join(folder, `bench-${megabytes}mb.tar.gz`)
  await largeArchiveFile(file, Math.round((megabytes * 1e6) / shrinksTo), { payload: 'weights' })
  return file
}
