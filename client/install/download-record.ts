import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { ArchiveHead } from '../sources/source.ts'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'

const recordSchema = z.object({
  source: z.string(),
  etag: z.string().optional(),
  digest: z.string().optional(),
  size: z.number().optional(),
  filename: z.string(),
  release: z.number().optional(),
})

/** What is remembered of a partial download, in a file beside it. */
export interface DownloadRecord {
  /** The key of the source. */
  source: string
  head: ArchiveHead
}

export function writeDownloadRecord(file: string, { source, head }: DownloadRecord): Promise<void> {
  const { etag, digest, size, filename, release } = head
  return replaceFile(recordPath(file), JSON.stringify({ source, etag, digest, size, filename, release }))
}

/**
 * @param file The partial download.
 * @returns undefined where it has no record, or none that can be read.
 */
export async function readDownloadRecord(file: string): Promise<DownloadRecord | undefined> {
  const text = await readFile(recordPath(file), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const { source, ...head } = recordSchema.parse(JSON.parse(text))
    return { source, head }
  } catch {
    return undefined
  }
}

function recordPath(file: string): string {
  return `${file}.json`
}
