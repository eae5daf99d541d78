import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
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
 * @throws DomainError `blob-missing`, `disk-full`, `storage-unavailable`, `storage-failed`, with the store's error as
 *   cause
 */
export async function translateStoreErrors<Result>(work: Promise<Result>, digest?: Digest): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    const data = digest === undefined ? {} : { digest }
    if (cause instanceof ObjectNotFound) {
      throw new DomainError(
        'blob-missing',
        'The archive is missing from storage; publish the same bytes again to heal it.',
        data,
        { cause },
      )
    }
    if (cause instanceof BucketFull) {
      // 507 is of the disk here.
      throw new DomainError(
        'storage-unavailable',
        'The bucket is full; make room there, then try again.',
        data,
        { cause },
      )
    }
    if (cause instanceof StoreMisconfigured) {
      throw new DomainError(
        'storage-unavailable',
        "The bucket does not let the server in now; the server's log names the setting to look at.",
        data,
        { cause },
      )
    }
    if (cause instanceof StoreFull) {
      throw new DomainError('disk-full', 'The storage is full; free some room, then try again.', data, {
        cause,
      })
    }
    if (cause instanceof StorageOwnedElsewhere)
      throw new DomainError('storage-owned-elsewhere', cause.message, data, { cause })
    if (cause instanceof StoreUnavailable) {
      throw new DomainError('storage-unavailable', 'The storage does not answer now; try again.', data, {
        cause,
      })
    }
    if (isAbort(cause)) throw cause
    throw new DomainError('storage-failed', "The storage failed; the server's log says how.", data, { cause })
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
