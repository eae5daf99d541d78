import type { BlobStore } from '../blobs/blob-store.ts'
import type { KnownDamage } from '../coordination/known-damage.ts'
import { DomainError } from '../errors/errors.ts'
import type { Release } from './release.ts'

/**
 * Refuses what bots could not be sent.
 *
 * @throws DomainError `blob-damaged` where a release's archive is known to be damaged, `blob-missing` where it is gone from
 *   storage; what the blob store throws.
 */
export async function requireBlob(
  { blobs, damaged }: { blobs: BlobStore; damaged: KnownDamage },
  { number, digest }: Pick<Release, 'number' | 'digest'>,
): Promise<void> {
  const heal = 'publish the same bytes again to heal it'
  if (damaged.find(digest)?.kind === 'damaged') {
    const message = `The archive of release ${number} is damaged in storage; ${heal}.`
    throw new DomainError('blob-damaged', message, { release: number, digest })
  }
  if ((await blobs.stat(digest)) !== undefined) return
  const message = `The archive of release ${number} is missing from storage; ${heal}.`
  throw new DomainError('blob-missing', message, { release: number, digest })
}
