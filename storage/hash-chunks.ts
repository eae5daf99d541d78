import { createHash } from 'node:crypto'

/**
 * Reads a stream to its end.
 *
 * @param use What else is done with each chunk; the next is read when it has resolved.
 * @returns the SHA-256 of all chunks, in hex.
 * @throws what the stream and `use` throw.
 */
export async function hashChunks(
  chunks: AsyncIterable<Uint8Array>,
  use?: (chunk: Uint8Array) => unknown,
): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    if (use !== undefined) await use(chunk)
  }
  return hash.digest('hex')
}
