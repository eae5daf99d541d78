import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BlobVerifier, VerificationOutcome } from '../blobs/blob-verifier.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { BlobOutline } from '../catalog/blobs.ts'
import { sliceBounds, type VerificationSlice } from './verification-slice.ts'

const AT_ONCE = 100

export interface VerifyDependencies {
  catalog: CatalogReader
  verifier: BlobVerifier
}

/** What became of one blob; `unreadable`: the storage failed, which says nothing of the blob. */
export type BlobFinding = BlobOutline & { outcome: VerificationOutcome | 'unreadable' }

/** Hashes every released blob, or a slice of them, in the order of their digests; says of each what it found. */
export async function* verifyBlobs(
  { catalog, verifier }: VerifyDependencies,
  slice: VerificationSlice = { part: 1, of: 1 },
  signal?: AbortSignal,
): AsyncGenerator<BlobFinding> {
  const { after, end } = sliceBounds(slice)
  let position = after
  for (;;) {
    const page = await catalog.listDigests({ limit: AT_ONCE, cursor: position })
    for (const blob of page) {
      signal?.throwIfAborted()
      if (end !== undefined && blob.digest >= end) return
      yield { ...blob, outcome: await verifyBlob(verifier, blob, signal) }
      await nextTurn()
    }
    const last = page.at(-1)
    if (last === undefined) return
    position = last.digest
  }
}

/** Hashes one blob. */
export async function verifyBlob(
  verifier: BlobVerifier,
  { digest }: BlobOutline,
  signal?: AbortSignal,
  pace?: (bytes: number) => Promise<void>,
): Promise<BlobFinding['outcome']> {
  try {
    return await verifier.verify(digest, {
      ...(signal === undefined ? {} : { signal }),
      ...(pace === undefined ? {} : { pace }),
    })
  } catch (error) {
    if (error instanceof DomainError && error.code.startsWith('storage-')) return 'unreadable'
    throw error
  }
}
