import type { BlobStore } from '../blobs/blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Release } from './release.ts'

/** @throws DomainError `blob-missing` where a release's archive is gone from storage; what the blob store throws. */
export async function requireBlob(
  blobs: BlobStore,
  { number, digest }: Pick<Release, 'number' | 'digest'>,
): Promise<void> {
  if ((await blobs.stat(digest)) !== undefined) return
  throw new DomainError(
    'blob-missing',
    `The archive of release ${number} is missing from storage; publish the same bytes again to heal it.`,
    { release: number, digest },
  )
}
