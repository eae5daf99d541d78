import { constants, open, rename } from 'node:fs/promises'
import path from 'node:path'

/** Makes a folder's entries survive a power cut: without it, a rename may be forgotten. */
export function syncFolder(folder: string): Promise<void> {
  return syncFile(folder)
}

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
  await syncFolder(path.dirname(to))
}

/** Replaces a small file: either the old text or the new one is there, whenever the power goes. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await renameDurably(draft, file)
}
