import { copyFile, open } from 'node:fs/promises'
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

/** A copy that is as sound: the time in the header of gzip (RFC 1952, MTIME) is part of no checksum. */
export async function withOtherDigest(file: string, number: number): Promise<string> {
  const copy = `${file}.${number}`
  await copyFile(file, copy)
  const handle = await open(copy, 'r+')
  try {
    await handle.write(Buffer.from([number, 0, 0, 0]), 0, 4, 4)
  } finally {
    await handle.close()
  }
  return copy
}
