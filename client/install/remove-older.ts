import { rm, unlink } from 'node:fs/promises'
import path from 'node:path'
import { asidePath, isOwnFile, locate } from './find-archive.ts'
import type { FolderPaths } from './folder-paths.ts'
import type { Entry, State } from './state.ts'

/** Deletes the older archives of ours beyond the newest `keep`. @returns the older ones that stay. */
export async function removeOlder(paths: FolderPaths, state: State, keep: number): Promise<Entry[]> {
  const { installed, older } = state
  const inUse = path.join(paths.dir, installed?.filename ?? '')
  for (const entry of older.slice(keep)) {
    const file = entry.foreign === true ? undefined : await ownFile(paths, entry)
    if (file !== undefined && file !== inUse) await unlink(file)
    await rm(asidePath(paths, entry), { force: true })
  }
  return older.slice(0, keep)
}

/** Where an archive of ours lies, whole or damaged. */
async function ownFile(paths: FolderPaths, entry: Entry): Promise<string | undefined> {
  const named = path.join(paths.dir, entry.filename)
  return (await locate(paths, entry)) ?? ((await isOwnFile(named, [entry])) ? named : undefined)
}
