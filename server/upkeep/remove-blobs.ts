import type { BlobStore } from '../blobs/blob-store.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { BlobLock } from '../coordination/blob-lock.ts'
import type { BlobRemoval } from '../coordination/blob-removal.ts'
import type { ReadsUnderWay } from '../coordination/reads-under-way.ts'

export interface RemovalDependencies {
  blobs: BlobStore
  /** @see PublishDependencies.blobLock */
  blobLock: BlobLock
  catalog: Catalog
  reads: ReadsUnderWay
}

/** Of a server that has the catalog for itself: under the digest's lock nobody is between storing the blob and naming it. */
export function soleRemoval({ blobs, blobLock, catalog, reads }: RemovalDependencies): BlobRemoval {
  return {
    remove: (digest) =>
      blobLock.run(digest, async () => {
        if (await catalog.isDigestReleased(digest)) return 'used'
        if (await reads.isBeingRead(digest)) return 'busy'
        await blobs.delete(digest)
        return 'deleted'
      }),
    finish: () => Promise.resolve(),
  }
}

const AT_ONCE = 200

/**
 * Of servers that share a catalog: a transaction there says that the key of a blob is never used again, after which it can be deleted
 * at any time, also by a server that slept in between.
 */
export function sharedRemoval({ blobs, catalog, reads }: Omit<RemovalDependencies, 'blobLock'>): BlobRemoval {
  const finish = async (digest: string, generation: number): Promise<void> => {
    await blobs.delete(digest, generation)
    await catalog.writeShared((writer) => writer.forgetRetiredBlob(digest, generation))
  }
  return {
    async remove(digest, due) {
      if (await reads.isBeingRead(digest)) return 'busy'
      const outcome = await catalog.writeShared((writer) => writer.retireBlob(digest, due))
      if (typeof outcome === 'string') return outcome
      await finish(digest, outcome.generation)
      return 'deleted'
    },
    async finish(signal) {
      for (const { digest, generation } of await catalog.listRetiredBlobs(AT_ONCE)) {
        if (signal?.aborted === true) return
        await finish(digest, generation)
      }
    },
  }
}
