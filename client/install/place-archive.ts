import { copyFile, link, realpath, rename, utimes } from 'node:fs/promises'
import path from 'node:path'
import { errorCode } from '../failure.ts'
import { syncPath } from '../../storage/filesystem/replace-file.ts'
import { syncFile } from './durable.ts'
import { asidePath, locate } from './find-archive.ts'
import type { FolderPaths } from './folder-paths.ts'
import type { Entry, State } from './state.ts'

/** The steps of an installation, in order; between any two the process may die. */
export type Step = 'journal' | 'aside' | 'time' | 'rename' | 'command' | 'remember' | 'prune'

/** Moves a file from where downloads lie into the folder, under the name and time of its entry, durably. */
export async function moveIntoFolder(
  file: string,
  { dir }: FolderPaths,
  { filename, mtimeMs }: Entry,
  onStep: (step: Step) => void,
): Promise<void> {
  await setTime(file, mtimeMs)
  await syncFile(file)
  onStep('time')
  await rename(file, path.join(dir, filename))
  await syncPath(dir)
  onStep('rename')
}

/** Gives the archives that lie under a name a second one, before another archive takes the first. */
export async function setAside(
  paths: FolderPaths,
  { installed, older }: State,
  filename: string,
): Promise<void> {
  for (const entry of [installed, ...older]) {
    if (entry?.filename !== filename) continue
    const file = await locate(paths, entry)
    if (file !== path.join(paths.dir, filename)) continue
    // A second name of a symbolic link would be a link that leads elsewhere from there.
    await link(await realpath(file), asidePath(paths, entry)).catch((error: unknown) => {
      if (errorCode(error) === 'EEXIST') return
      // Some volumes have no hard links.
      return copyFile(file, asidePath(paths, entry))
    })
    await syncPath(paths.aside)
  }
}

/** Sets a file's modification time, in milliseconds. */
export async function setTime(file: string, mtimeMs: number): Promise<void> {
  await utimes(file, mtimeMs / 1000, mtimeMs / 1000)
}
