import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { readChunks } from '../sources/read-chunks.ts'

/** The SHA-256 of a file in hex. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(await open(file, 'r'), 0, signal)) hash.update(chunk)
  return hash.digest('hex')
}
