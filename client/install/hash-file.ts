import { open } from 'node:fs/promises'
import { hashChunks } from '../../storage/hash-chunks.ts'
import { readChunks } from '../sources/read-chunks.ts'

/** The SHA-256 of a file in hex. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  return await hashChunks(readChunks(await open(file, 'r'), 0, signal))
}
