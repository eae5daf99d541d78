import { answeredWithin } from '../../storage/answered-within.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { KnownDamage } from '../coordination/known-damage.ts'
import { canBeSent, type CanBeSent } from '../releases/can-be-sent.ts'

/** Milliseconds. A bad release is taken back all the same where storage hangs. */
const PATIENCE = 5_000

/** Says of archives whether they can be sent, and does not wait for storage for long. @param patience Milliseconds. */
export function archiveCheck(
  archives: { blobs: BlobStore; damaged: KnownDamage },
  patience = PATIENCE,
): CanBeSent {
  return (release) => answeredWithin(patience, 'storage', canBeSent(archives, release)).catch(() => true)
}
