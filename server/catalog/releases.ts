import type { Digest, Release, ReleaseSummary, ServedRelease } from '../releases/release.ts'
import type { Instant } from '../time/clock.ts'
import type { PageOf } from './page-of.ts'

/** Questions about the releases of a model. Pages are by number, descending. */
export interface ReleaseReader {
  /** The whole of it, up to 256 KiB. */
  findRelease(model: string, number: number): Promise<Release | undefined>
  findReleaseSummary(model: string, number: number): Promise<ReleaseSummary | undefined>
  /** The release with the highest number. */
  highestRelease(model: string): Promise<ReleaseSummary | undefined>
  listReleases(model: string, page: PageOf<number>): Promise<ReleaseSummary[]>
  /** Releases without anything that inspection learned: thousands are cheap. */
  listReleaseOutlines(model: string, page: PageOf<number>): Promise<ReleaseOutline[]>
  /** Releases as pulls need them: thousands are cheap. */
  listServedReleases(model: string, page: PageOf<number>): Promise<ServedRelease[]>
  countReleases(model: string): Promise<number>
  /** Whether any release of the model has these bytes, or ever had. */
  everHadDigest(model: string, digest: Digest): Promise<boolean>
}

/** Changes of releases; each raises the revision of the model. */
export interface ReleaseWriter {
  /**
   * Adds the next release of an existing model and gives it its number.
   *
   * @throws DomainError `model-not-found`
   */
  insertRelease(release: Omit<Release, 'number'>): Promise<Release>
  /**
   * Adds a release that was published before, under the number that it had; the next number is above it then.
   *
   * @throws DomainError `model-not-found`; Error where the number is taken.
   */
  restoreRelease(release: Release): Promise<void>
  /** @throws DomainError `release-not-found` */
  updateNotes(model: string, number: number, notes: string): Promise<void>
  /**
   * Removes the row; {@link ReleaseReader.everHadDigest} still knows its digest.
   *
   * @throws DomainError `release-not-found`; `release-in-use` where a tag points at it.
   */
  deleteRelease(model: string, number: number): Promise<void>
  /**
   * Removes the rows of those releases that are there, as {@link deleteRelease} does; all of them or none.
   *
   * @throws DomainError `release-in-use` where a tag points at one of them.
   */
  deleteReleases(model: string, numbers: readonly number[]): Promise<void>
}

/** What retention needs to know of a release. */
export interface ReleaseOutline {
  readonly number: number
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly publishedAt: Instant
}
