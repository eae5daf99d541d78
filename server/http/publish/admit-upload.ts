import type { Catalog, CatalogReader } from '../../catalog/catalog.ts'
import { signatureRequired } from '../../releases/check-signature.ts'
import type { Model } from '../../releases/model.ts'
import { roomInQuota, type QuotaRoom } from '../../releases/quota.ts'
import { archiveTooLarge } from '../../releases/receive-archive.ts'
import { LATEST } from '../../releases/tag.ts'
import type { SpaceReservation, VolumeSpace } from '../../releases/volume-space.ts'
import type { Readiness } from '../operate/health.ts'
import { RequestError } from '../reply/request-error.ts'
import type { PublishRequest } from './publish-request.ts'

export interface AdmissionDependencies {
  catalog: Catalog
  maxArchiveBytes: number
  readiness: Readiness
  /** Whether the storage failed and does not answer now either. */
  isStorageAway: () => Promise<boolean>
  space: VolumeSpace
}

/** An upload whose bytes may come. */
export interface AdmittedUpload {
  /** Whoever takes it releases it. */
  reservation: SpaceReservation
  /** How long it may be for its model; undefined: nothing limits that. */
  room: QuotaRoom | undefined
}

/** What the form around an archive may have; receiveForm allows 20 fields of 64 KiB. */
const FORM_BYTES = 2 * 1024 ** 2

/**
 * Refuses what would be taken in vain before a byte of it travels, and sets room aside for the rest. Storage that failed is
 * asked again: while it does not answer, a publish would wait for it for 25 s, and be refused then.
 *
 * @returns Room for the upload.
 * @throws RequestError `shutting-down`, `catalog-unavailable`, `storage-unavailable`, `precondition-failed`; DomainError `archive-too-large`,
 *   `disk-full`, `signature-required`, `quota-exceeded`
 */
export async function admitUpload(
  { catalog, isStorageAway, maxArchiveBytes, readiness, space }: AdmissionDependencies,
  upload: PublishRequest,
): Promise<AdmittedUpload> {
  const state = readiness()
  if (!state.ready && state.code !== 'storage-unavailable') throw new RequestError(state.code, state.reason)
  const { announcedBytes = 0 } = upload
  if (announcedBytes > maxArchiveBytes + (upload.body === 'form' ? FORM_BYTES : 0)) {
    throw archiveTooLarge(maxArchiveBytes)
  }
  const model = await catalog.findModel(upload.model)
  refuseUnsigned(model, upload)
  await refuseStalePublisher(catalog, upload)
  if (!state.ready && (await isStorageAway())) throw new RequestError(state.code, state.reason)
  // A form is longer than what it carries.
  const size = upload.body === 'archive' ? upload.announcedBytes : undefined
  const room = model && (await roomInQuota(catalog, model, { digest: upload.digest, size }))
  return { reservation: await space.reserve(announcedBytes), room }
}

/** An archive that comes alone has no signature: where each needs one, it need not travel. */
function refuseUnsigned(known: Model | undefined, { model, body }: PublishRequest): void {
  if (body !== 'archive') return
  const policy = known?.signatures ?? null
  if (policy !== null && policy.when !== 'executable') throw signatureRequired(model, policy)
}

/**
 * Asks `If-Match` before the body travels; it is asked again in the transaction. A sender that announces the bytes
 * that are the latest already repeats what was done, and is let through to hear so (RFC 9110 §13.1.1).
 */
async function refuseStalePublisher(
  catalog: CatalogReader,
  { model, digest, expectsLatest }: PublishRequest,
): Promise<void> {
  if (expectsLatest === undefined) return
  const latest = (await catalog.findTag(model, LATEST))?.digest
  if (expectsLatest(latest) || (digest !== undefined && digest === latest)) return
  throw new RequestError('precondition-failed', `If-Match does not name what ${model}@latest is now.`, {
    latest: latest ?? null,
  })
}
