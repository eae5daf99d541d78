import { hashChunks } from '../../storage/hash-chunks.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** An archive that is open for reading. */
interface OpenArchive {
  readonly chunks: AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/**
 * Copies an archive into a store, in the place of what is there, and closes it.
 *
 * @returns false, and nothing is stored, where its bytes are not those of the digest.
 * @throws what reading and storing throw.
 */
export async function copyArchive(
  archive: OpenArchive,
  digest: string,
  target: ObjectStore,
  key: string,
): Promise<boolean> {
  try {
    const staged = await target.stage()
    try {
      const sha256 = await hashChunks(archive.chunks, (chunk) => staged.write(chunk))
      if (sha256 !== digest) return false
      await staged.commit(key, { sha256, ifExists: 'replace' })
      return true
    } finally {
      await staged.discard()
    }
  } finally {
    await archive.close()
  }
}
