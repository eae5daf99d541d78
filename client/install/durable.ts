import { constants, open, rename } from 'node:fs/promises'
import path from 'node:path'
import { syncPath } from '../../storage/filesystem/replace-file.ts'

/** Makes a file's bytes and times survive a power cut. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Renames, and makes the new name survive a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncPath(path.dirname(to))
}
