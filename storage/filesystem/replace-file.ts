import { open, rename } from 'node:fs/promises'
import path from 'node:path'

/**
 * Puts a small file in place: whenever the power goes, either the old text or all of the new one is there.
 *
 * @param mode of the new file, less what the umask takes away
 */
export async function replaceFile(file: string, content: string, mode = 0o666): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  await syncPath(path.dirname(file))
}

/** Flushes a file's bytes, or a folder's names, to the disk. */
export async function syncPath(at: string): Promise<void> {
  const handle = await open(at, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems cannot flush a folder.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}
