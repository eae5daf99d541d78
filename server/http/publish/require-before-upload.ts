import type { IncomingMessage } from 'node:http'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import { LATEST } from '../../releases/tag.ts'
import { archiveTooLarge } from '../../releases/receive-archive.ts'
import { matchesStrongly } from '../pull/preconditions.ts'
import { RequestError } from '../reply/request-error.ts'
import { announcedLength } from './upload-headers.ts'

export interface RoomLimits {
  blobs: BlobStore
  maxArchiveBytes: number
  /** Bytes of the volume that uploads leave alone. */
  reservedBytes: number
}

/** What the form around an archive may have; receiveForm allows 20 fields of 64 KiB. */
const FORM_BYTES = 2 * 1024 ** 2

/**
 * Refuses what cannot fit before a byte of it travels.
 *
 * @throws DomainError `archive-too-large`, `disk-full`
 */
export async function requireRoom(
  { blobs, maxArchiveBytes, reservedBytes }: RoomLimits,
  request: IncomingMessage,
  isForm: boolean,
): Promise<void> {
  const length = announcedLength(request) ?? 0
  if (length > maxArchiveBytes + (isForm ? FORM_BYTES : 0)) throw archiveTooLarge(maxArchiveBytes)
  const free = await blobs.freeBytes()
  if (free === undefined || length + reservedBytes <= free) return
  throw new DomainError(
    'disk-full',
    `There is no room for ${length} bytes: ${free} are free, of which ${reservedBytes} are kept. Prune, or add disk.`,
    { freeBytes: free, reservedBytes },
  )
}

/**
 * Asks `If-Match` before the body travels; it is asked again in the transaction. A sender that announces the bytes
 * that are the latest already repeats what was done, and is let through to hear so (RFC 9110 §13.1.1).
 *
 * @throws RequestError `precondition-failed`
 */
export async function requireExpectedLatest(
  { catalog }: { catalog: CatalogReader },
  request: IncomingMessage,
  model: string,
  digest: string | undefined,
): Promise<void> {
  const ifMatch = request.headers['if-match']
  if (ifMatch === undefined) return
  const latest = (await catalog.findTag(model, LATEST))?.digest
  if (matchesStrongly(ifMatch, latest) || (digest !== undefined && digest === latest)) return
  throw new RequestError('precondition-failed', `If-Match does not name what ${model}@latest is now.`, {
    latest: latest ?? null,
  })
}
