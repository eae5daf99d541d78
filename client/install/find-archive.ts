import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { isSoundArchive } from './check-archive-file.ts'
import { archivesIn } from './archives-in.ts'
import type { FolderPaths } from './folder-paths.ts'
import { hashFile } from './hash-file.ts'
import { isSameTime } from './newest-time.ts'
import type { Entry, State } from './state.ts'

/** Where an archive goes when another takes its name. */
export function asidePath({ aside }: FolderPaths, { digest }: Entry): string {
  return path.join(aside, `${digest}.tar.gz`)
}

/**
 * Where an archive of ours lies, if it is still what we put there: told by size and time, else by its digest.
 *
 * @returns undefined where it is gone or changed.
 */
export async function locate(paths: FolderPaths, entry: Entry): Promise<string | undefined> {
  for (const file of [path.join(paths.dir, entry.filename), asidePath(paths, entry)]) {
    // Somebody else's archive may be a symbolic link; we put files in place, never links.
    const facts = await (entry.foreign === true ? stat : lstat)(file).catch(() => undefined)
    if (!facts?.isFile() || facts.size !== entry.size) continue
    if (isSameTime(facts.mtimeMs, entry.mtimeMs) || (await hashFile(file)) === entry.digest) return file
  }
  return undefined
}

/**
 * Whether a file that exists is what the puller put there under one of these entries: unchanged, or damaged since. A
 * sound archive with other bytes is somebody else's.
 */
export async function isOwnFile(file: string, own: readonly Entry[]): Promise<boolean> {
  if (own.length === 0) return false
  const facts = await lstat(file).catch(() => undefined)
  if (!facts?.isFile()) return false
  const sized = own.filter(({ size }) => size === facts.size)
  if (sized.some(({ mtimeMs }) => isSameTime(mtimeMs, facts.mtimeMs))) return true
  if (sized.length > 0) {
    const digest = await hashFile(file)
    if (sized.some((entry) => entry.digest === digest)) return true
  }
  return !(await isSoundArchive(file))
}

/** A file of the folder with these bytes, so that they need not come again; only what can be it is hashed. */
export async function findByDigest(
  paths: FolderPaths,
  { installed, pending, older }: State,
  digest: string,
  size: number | undefined,
): Promise<string | undefined> {
  for (const entry of [installed, pending, ...older]) {
    const file = entry?.digest === digest ? await locate(paths, entry) : undefined
    if (file !== undefined) return file
  }
  if (size === undefined) return undefined
  for (const archive of await archivesIn(paths.dir)) {
    const file = path.join(paths.dir, archive.name)
    if (archive.size === size && (await hashFile(file)) === digest) return file
  }
  return undefined
}
