import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError } from '../../config/config.ts'

/**
 * Makes a folder that a setting names, with those above it. Node's own recursive mkdir never returns where a file system
 * says of a new folder that its parent is missing though it is there, as /proc does (seen with Node 24.21).
 *
 * @param setting The variable that names it.
 * @throws ConfigError where there can be no such folder.
 */
export async function makeFolder(setting: string, folder: string): Promise<void> {
  try {
    await make(folder)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([`${setting}: the folder ${folder} cannot be made (${reason}); name another`])
  }
}

async function make(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  const parent = path.dirname(folder)
  if (parent !== folder) await make(parent)
  try {
    await mkdir(folder)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (!(await isFolder(folder))) throw error
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
