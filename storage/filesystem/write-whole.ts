import { inStoreWords } from './file-error.ts'
import type { OpenFile } from './file-system.ts'

/**
 * Appends all of a chunk to an open file, which may take it in parts.
 *
 * @param name What is written to, for error messages.
 * @throws what {@link inStoreWords} makes of a failure.
 */
export async function writeWhole(
  file: Pick<OpenFile, 'write'>,
  chunk: Uint8Array,
  name: string,
): Promise<void> {
  let written = 0
  while (written < chunk.byteLength) {
    const writing = file.write(chunk, written, chunk.byteLength - written)
    const { bytesWritten } = await inStoreWords(writing, `writing ${name}`)
    written += bytesWritten
  }
}
