import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { ItemChanged, ItemUnreadable } from '../intake-source.ts'
import type { FoundFile } from './list-inbox.ts'

const BUFFER_BYTES = 256 * 1024

/**
 * The bytes of a file of the inbox, all of them as they were when it was listed. Nothing but a regular file
 * is ever read: a symbolic link is not followed, and a FIFO does not block.
 *
 * A chunk is valid until the next one is asked for.
 *
 * @throws ItemChanged, ItemUnreadable, and the reason of `signal`
 */
export async function* readInboxFile(
  root: string,
  file: FoundFile,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await openRegularFile(path.join(root, file.path))
  try {
    requireUnchanged(await handle.stat(), file)
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null).catch(unreadable)
      if (bytesRead === 0) break
      yield buffer.subarray(0, bytesRead)
    }
    requireUnchanged(await handle.stat(), file)
  } finally {
    await handle.close()
  }
}

/**
 * Opens a file of the inbox, and never what a symbolic link leads to.
 *
 * @throws ItemChanged where it is gone; ItemUnreadable
 */
export async function openRegularFile(name: string): Promise<FileHandle> {
  try {
    return await open(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    // ELOOP: a symbolic link has taken its place.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') {
      throw new ItemChanged('The file is gone', { cause: error })
    }
    return unreadable(error)
  }
}

function requireUnchanged(stats: Stats, { size, modifiedAt }: FoundFile): void {
  if (stats.isFile() && stats.size === size && stats.mtimeMs === modifiedAt) return
  throw new ItemChanged('The file was written to while it was read')
}

function unreadable(cause: unknown): never {
  throw new ItemUnreadable('The file cannot be read', { cause })
}
