import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { errorCode } from '../failure.ts'
import { isOwnFile } from './find-archive.ts'
import type { Entry } from './state.ts'

/**
 * The name under which an archive can be put into a folder without touching anybody else's file: its own, else
 * its own with the beginning of its digest.
 *
 * @param own What the puller put there itself; such a file may be replaced while it is unchanged, or damaged.
 */
export async function freeName(
  dir: string,
  filename: string,
  digest: string,
  own: readonly Entry[],
): Promise<string> {
  const stem = filename.slice(0, -'.tar.gz'.length)
  for (const name of [filename, `${stem}-${digest.slice(0, 12)}.tar.gz`]) {
    const file = path.join(dir, name)
    const ours = own.filter((entry) => entry.filename === name)
    if (!(await exists(file)) || (await isOwnFile(file, ours))) return name
  }
  return `${stem.slice(0, 60)}-${digest}.tar.gz`
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
