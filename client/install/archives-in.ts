import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { isArchiveName, newest } from '../sources/newest-archive.ts'

/** An archive as it lies in a folder. */
export interface ArchiveFile {
  name: string
  /** Bytes. */
  size: number
  /** Modification time, in milliseconds. */
  modifiedAt: number
}

/** The archives that Rasa would see in a folder. What cannot be looked at is left out. */
export async function archivesIn(dir: string): Promise<ArchiveFile[]> {
  const found: ArchiveFile[] = []
  for (const name of (await readdir(dir)).filter(isArchiveName)) {
    const facts = await stat(path.join(dir, name)).catch(() => undefined)
    if (facts?.isFile()) found.push({ name, size: facts.size, modifiedAt: facts.mtimeMs })
  }
  return found
}

/** When the newest archive but one was modified; undefined where there is no other. */
export async function newestOther(dir: string, except: string): Promise<number | undefined> {
  const others = (await archivesIn(dir)).filter(({ name }) => name !== except)
  return newest(others)?.modifiedAt
}
