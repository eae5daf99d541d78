import { DomainError, type ErrorCode } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import { isTimeout } from './store-observer.ts'
import { StorageOwnedElsewhere } from './storage-owned-elsewhere.ts'
import {
  BucketFull,
  ObjectNotFound,
  StoreFull,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../storage/object-store.ts'

/**
 * Waits for a store and names its failures in the words of the domain.
 *
 * @throws DomainError `blob-missing`, `disk-full`, `storage-unavailable`, `storage-owned-elsewhere`, `storage-failed`, with
 *   the store's error as cause
 */
export async function translateStoreErrors<Result>(work: Promise<Result>, digest?: Digest): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    if (isAbort(cause)) throw cause
    throw toDomainError(cause, digest)
  }
}

/** A failure of a store in the words of the domain; the details, which name buckets and folders, are its cause. */
export function toDomainError(cause: unknown, digest?: Digest): DomainError {
  const data = digest === undefined ? {} : { digest }
  const of = (code: ErrorCode, message: string): DomainError =>
    new DomainError(code, message, data, { cause })
  if (cause instanceof ObjectNotFound)
    return of('blob-missing', 'The archive is missing from storage; publish the same bytes again to heal it.')
  // 507 is of the disk here.
  if (cause instanceof BucketFull)
    return of('storage-unavailable', 'The bucket is full; make room there, then try again.')
  if (cause instanceof StoreMisconfigured)
    return of(
      'storage-unavailable',
      "The bucket does not let the server in now; the server's log names the setting to look at.",
    )
  if (cause instanceof StoreFull)
    return of('disk-full', 'The storage is full; free some room, then try again.')
  if (cause instanceof StorageOwnedElsewhere) return of('storage-owned-elsewhere', cause.message)
  if (cause instanceof StoreUnavailable || isTimeout(cause))
    return of('storage-unavailable', 'The storage does not answer now; try again.')
  return of('storage-failed', "The storage failed; the server's log says how.")
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
