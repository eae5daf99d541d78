import type { ReleaseSignature } from '../../protocol/signature.ts'
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
  /** Bytes of a model's archives together, each counted once. @param without An archive that does not count. */
  archiveBytes(model: string, without?: Digest): Promise<number>
  /** The bundle that a release was signed with, up to 64 KiB; undefined where it has none, or is not there. */
  findBundle(model: string, number: number): Promise<string | undefined>
  /** Whether any release of the model has these bytes, or ever had. */
  everHadDigest(model: string, digest: Digest): Promise<boolean>
}

/** Changes of releases; each raises the revision of the model. */
export interface ReleaseWriter {
  /**
   * Adds the next release of an existing model and gives it its number.
   *
   * @param bundle What it is signed with.
   * @throws DomainError `model-not-found`
   */
  insertRelease(release: Omit<Release, 'number'>, bundle?: string): Promise<Release>
  /**
   * Adds a release that was published before, under the number that it had; the next number is above it then.
   *
   * @param bundle What it is signed with.
   * @throws DomainError `model-not-found`; Error where the number is taken.
   */
  restoreRelease(release: Release, bundle?: string): Promise<void>
  /** @throws DomainError `release-not-found` */
  updateNotes(model: string, number: number, notes: string): Promise<void>
  /**
   * Gives a release this signature in place of the one that it has, if any.
   *
   * @throws DomainError `release-not-found`
   */
  replaceSignature(model: string, number: number, signed: SignedWith): Promise<void>
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

/** A signature, and the bundle that it is. */
export interface SignedWith {
  readonly signature: ReleaseSignature
  readonly bundle: string
}

/** What retention needs to know of a release. */
export interface ReleaseOutline {
  readonly number: number
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly publishedAt: Instant
}
