import type { Digest } from '../releases/release.ts'

/** What hashing a stored blob said. */
export type VerificationOutcome = 'sound' | 'damaged' | 'missing'

/** Looks whether blobs still are what their digests say. */
export interface BlobVerifier {
  /**
   * Reads and hashes a blob whole. One that is damaged or missing is noted as such, one that was and is sound again
   * is not any more.
   *
   * @throws DomainError `storage-failed`, `storage-unavailable` where it could not be read, which says nothing of it.
   */
  verify(digest: Digest, options?: VerifyOptions): Promise<VerificationOutcome>
}

export interface VerifyOptions {
  /** Called after each part that was read, with its bytes; the next is read when it resolves. */
  pace?: (bytes: number) => Promise<void>
  signal?: AbortSignal
}
