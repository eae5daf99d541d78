import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { errorCode } from '../failure.ts'
import type { Entry } from './state.ts'
import { hashFile } from './hash-file.ts'
import { isSameTime } from './newest-time.ts'

/**
 * The name under which an archive can be put into a folder without touching anybody else's file: its own, else
 * its own with the beginning of its digest.
 *
 * @param own What the puller put there itself; such a file may be replaced while it is unchanged.
 */
export async function freeName(dir: string, filename: string, digest: string, own: Entry[]): Promise<string> {
  const stem = filename.slice(0, -'.tar.gz'.length)
  for (const name of [filename, `${stem}-${digest.slice(0, 12)}.tar.gz`]) {
    if (
      await isFree(
        path.join(dir, name),
        own.filter((entry) => entry.filename === name),
      )
    )
      return name
  }
  return `${stem.slice(0, 60)}-${digest}.tar.gz`
}

async function isFree(file: string, own: Entry[]): Promise<boolean> {
  const facts = await lstat(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (facts === undefined) return true
  if (!facts.isFile()) return false
  const sized = own.filter(({ size }) => size === facts.size)
  if (sized.some(({ mtimeMs }) => isSameTime(mtimeMs, facts.mtimeMs))) return true
  if (sized.length === 0) return false
  const digest = await hashFile(file)
  return sized.some((entry) => entry.digest === digest)
}
