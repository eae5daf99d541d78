import type { ObjectStore } from '../../storage/object-store.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Digest } from '../releases/release.ts'

/**
 * Copies a blob into a store under a name, in the place of what is there, whole or not at all.
 *
 * @throws what both stores throw, and the reason of `signal`.
 */
export async function copyBlob(
  blobs: BlobStore,
  digest: Digest,
  store: ObjectStore,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const blob = await blobs.open(digest, undefined, signal)
  try {
    const staged = await store.stage()
    try {
      for await (const chunk of blob.chunks) {
        signal.throwIfAborted()
        await staged.write(chunk)
      }
      await staged.commit(name, { sha256: digest, ifExists: 'replace', signal })
    } finally {
      await staged.discard()
    }
  } finally {
    await blob.close()
  }
}
