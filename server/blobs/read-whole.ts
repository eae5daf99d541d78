import { DomainError } from '../errors/errors.ts'
import type { OpenBlob } from './blob-store.ts'

/**
 * Reads a blob into memory and closes it.
 *
 * @param blob Opened whole; nothing of it was read.
 * @throws DomainError of the store; `storage-failed` where it gives fewer bytes than it said, or more.
 */
export async function readWhole(blob: OpenBlob): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(blob.size)
  let position = 0
  try {
    for await (const chunk of blob.chunks) {
      if (position + chunk.byteLength > blob.size) break
      bytes.set(chunk, position)
      position += chunk.byteLength
    }
  } finally {
    await blob.close()
  }
  // What was allocated and not written to holds what others left in memory.
  if (position === blob.size) return bytes
  throw new DomainError(
    'storage-failed',
    `The store gave other bytes of the archive than the ${blob.size} that it has.`,
  )
}
