import type { DamagedBlob } from '../coordination/known-damage.ts'
import type { Digest } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'
import type { PageOf } from './page-of.ts'

/** Questions about blobs: which of them the releases of all models use, and what is known of their state. */
export interface BlobReader {
  /** Digests of all releases of all models, each once, ascending. */
  listDigests(page: PageOf<Digest>): Promise<BlobOutline[]>
  /** How much {@link listDigests} would list after a digest, in blobs and bytes. */
  measureDigests(after?: Digest): Promise<{ blobs: number; bytes: number }>
  /** Whether any release of any model has these bytes. */
  isDigestReleased(digest: Digest): Promise<boolean>
  /** Those of the digests that some release of any model has. */
  releasedAmong(digests: readonly Digest[]): Promise<Set<Digest>>
  /** Bytes of the archive with that digest; undefined where no release has it. */
  digestSize(digest: Digest): Promise<number | undefined>
  /** By digest, ascending. */
  listDamagedBlobs(): Promise<DamagedBlob[]>
  /** Blobs that were noted as unused before `noted`, by digest, ascending; at most `limit`. */
  listUnusedBlobs(noted: Instant, limit: number): Promise<Digest[]>
}

/** Changes of what is known of blobs; they raise no revision. */
export interface BlobWriter {
  rememberDamagedBlob(blob: DamagedBlob): Promise<void>
  forgetDamagedBlob(digest: Digest): Promise<void>
  /** Notes since when nothing uses these blobs; what was noted earlier stays. */
  noteUnusedBlobs(digests: readonly Digest[], since: Instant): Promise<void>
  forgetUnusedBlobs(digests: readonly Digest[]): Promise<void>
}

/** A blob as the releases have it. */
export interface BlobOutline {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}
