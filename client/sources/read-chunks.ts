import type { FileHandle } from 'node:fs/promises'

const CHUNK = 1024 * 1024

/** Reads a file from `start` to its end, in one buffer that is used again for each chunk. Closes the file at the end. */
export async function* readChunks(
  file: FileHandle,
  start: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK)
  let position = start
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, CHUNK, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
