import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { errorCode } from '../failure.ts'

/**
 * Makes a folder and the folders above it. Node's own recursive mkdir never returns where a file system refuses new
 * folders with ENOENT, as /proc does (Node 24.21).
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const code = errorCode(error)
    const parent = path.dirname(folder)
    if (code === 'ENOENT' && parent !== folder && !(await exists(parent))) {
      await makeFolder(parent)
      await mkdir(folder).catch(ignoreExisting(folder))
      return
    }
    await ignoreExisting(folder)(error)
  }
}

function ignoreExisting(folder: string): (error: unknown) => Promise<void> {
  return async (error) => {
    // The code differs where the volume is read-only, though the folder is there.
    const facts = await stat(folder).catch(() => undefined)
    if (facts?.isDirectory() !== true) throw error
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
