import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'

const BLOCK = 1024 * 1024

/** What a file has that was read whole. */
export interface FileDigest {
  sha256: string
  size: number
}

/** Reads a file and hashes it, handing each block to `write`. */
export async function hashFile(
  file: string,
  write: (block: Buffer) => Promise<unknown> = () => Promise.resolve(),
): Promise<FileDigest> {
  const source = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafeSlow(BLOCK)
    let size = 0
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, BLOCK, size)
      if (bytesRead === 0) return { sha256: hash.digest('hex'), size }
      const block = buffer.subarray(0, bytesRead)
      hash.update(block)
      size += bytesRead
      await write(block)
    }
  } finally {
    await source.close()
  }
}

/** Copies a file; its bytes are on the disk when this resolves, its name is not yet. */
export async function copyFileDurably(from: string, to: string, mode: number): Promise<FileDigest> {
  await rm(to, { force: true })
  const target = await open(to, 'wx', mode)
  try {
    // Unlike write(), it goes on where the disk took only a part of a block, and fails where it takes no more.
    const copied = await hashFile(from, (block) => target.writeFile(block))
    await target.sync()
    return copied
  } finally {
    await target.close()
  }
}

/** Links a file, or copies it where another volume or its file system forbids that. */
export async function linkOrCopyFile(from: string, to: string): Promise<FileDigest> {
  await rm(to, { force: true })
  try {
    await link(from, to)
  } catch (error) {
    if (!CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return copyFileDurably(from, to, 0o400)
  }
  return hashFile(to)
}

const CANNOT_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES'])
