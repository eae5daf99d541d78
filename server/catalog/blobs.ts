import type { DamagedBlob } from '../coordination/known-damage.ts'
import type { Digest } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'
import type { PageOf } from './page-of.ts'

/** Questions about blobs: which of them the releases of all models use, and what is known of their state. */
export interface BlobReader extends BlobClaimReader {
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
export interface BlobWriter extends BlobClaimWriter {
  rememberDamagedBlob(blob: DamagedBlob): Promise<void>
  forgetDamagedBlob(digest: Digest): Promise<void>
  /** Notes since when nothing uses these blobs; what was noted earlier stays. */
  noteUnusedBlobs(digests: readonly Digest[], since: Instant): Promise<void>
  forgetUnusedBlobs(digests: readonly Digest[]): Promise<void>
}

/** Questions about blobs that several servers store and delete. */
export interface BlobClaimReader {
  /** Blobs that are to be deleted and may be there still, by digest; at most `limit`. */
  listRetiredBlobs(limit: number): Promise<KeyedBlob[]>
}

/**
 * How several servers store and delete blobs beside each other. A blob lies under one key after the other: which is its generation,
 * 0 at first. Claims last for a while by the clock of the database.
 */
export interface BlobClaimWriter {
  /** Keeps a blob from being retired for so long. @returns under which generation it is to be stored. */
  claimBlob(digest: Digest, milliseconds: number): Promise<number>
  /** As {@link claimBlob}, those of the blobs that nothing uses: somebody reads them. */
  claimUnusedBlobs(digests: readonly Digest[], milliseconds: number): Promise<void>
  /** Whether a blob is to be stored under that generation still; if so, it stays so until the end of this write. */
  holdBlob(digest: Digest, generation: number): Promise<boolean>
  /**
   * Has a blob's generation never be used again, so that it can be deleted.
   *
   * @param due Only where it was noted as unused before.
   * @returns `used` where a release has it; `busy` where somebody claims it, a backup runs, or it was noted later.
   */
  retireBlob(digest: Digest, due: Instant): Promise<KeyedBlob | 'used' | 'busy'>
  /** It was deleted. */
  forgetRetiredBlob(digest: Digest, generation: number): Promise<void>
}

/** A blob under one of its keys. */
export interface KeyedBlob {
  readonly digest: Digest
  readonly generation: number
}

/** A blob as the releases have it. */
export interface BlobOutline {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}
