import type { Instant } from '../time/clock.ts'
import type { PageOf } from './page-of.ts'
import type { DamagedBlob } from '../blobs/damaged-blobs.ts'
import type { Digest } from '../releases/release.ts'
import type { Sighting } from '../fleet/sightings.ts'
import type { TagExport } from '../exporting/tag-export.ts'

/** What keeping the catalog and its blobs in order needs to know; a part of `CatalogReader`. */
export interface UpkeepReader {
  /** Releases without what inspection learned, by number, descending: thousands are cheap. */
  listReleaseOutlines(model: string, page: PageOf<number>): Promise<ReleaseOutline[]>
  /** The releases that still exist of those a tag pointed at, each once, the last first; at most `limit`. */
  lastReleasesOfTag(model: string, tag: string, limit: number): Promise<number[]>

  /** Digests of all releases of all models, each once, ascending; `before` is where the page before ended. */
  listDigests(page: PageOf<Digest>): Promise<BlobOutline[]>
  /** How much {@link listDigests} would list after a digest, in blobs and bytes. */
  measureDigests(after?: Digest): Promise<{ blobs: number; bytes: number }>
  /** Those of the digests that some release of any model has. */
  releasedAmong(digests: readonly Digest[]): Promise<Set<Digest>>
  /** Bytes of the archive with that digest; undefined where no release has it. */
  digestSize(digest: Digest): Promise<number | undefined>

  /** When each digest was last seen running anywhere; those seen before `since` may be missing. */
  listLastSeen(since: Instant): Promise<Map<Digest, Instant>>
  /** The last first. */
  listSightings(limit: number): Promise<Sighting[]>

  listDamagedBlobs(): Promise<DamagedBlob[]>
  /** Blobs that were noted as unused before `noted`; at most `limit`. */
  listUnusedBlobs(noted: Instant, limit: number): Promise<Digest[]>
  findTaskProgress(task: string): Promise<TaskProgress | undefined>
  /** What was exported last of each tag, also of tags that are gone. */
  listExports(): Promise<TagExport[]>
}

/** Changes that upkeep makes; a part of `CatalogWriter`. None but `deleteReleases` raises a model's revision. */
export interface UpkeepWriter extends UpkeepReader {
  /**
   * Keeps the latest sighting of each process and digest. Digests that no release has are left out, and of each
   * digest only the `mostProcesses` last seen stay, so that forged claims cannot fill the disk.
   */
  recordSightings(sightings: readonly Sighting[], mostProcesses: number): Promise<void>
  /** Drops what was last seen before that. */
  forgetSightings(before: Instant): Promise<void>

  rememberDamagedBlob(blob: DamagedBlob): Promise<void>
  forgetDamagedBlob(digest: Digest): Promise<void>

  /**
   * Removes the rows of those releases that are there, as `deleteRelease` does.
   *
   * @throws DomainError `release-in-use` where a tag points at one of them.
   */
  deleteReleases(model: string, numbers: readonly number[]): Promise<void>

  /** Notes since when nothing uses these blobs; what was noted earlier stays. */
  noteUnusedBlobs(digests: readonly Digest[], since: Instant): Promise<void>
  forgetUnusedBlobs(digests: readonly Digest[]): Promise<void>

  saveTaskProgress(task: string, progress: TaskProgress): Promise<void>
  /** Keeps the last export of each tag. */
  rememberExport(exported: TagExport): Promise<void>

  /**
   * Leaves a gap in the numbers of every model, of models to come too, so that none is given twice where others may
   * have been given out since this catalog was written.
   */
  skipNumbers(gap: number): Promise<SkippedNumbers[]>
}

/** What retention needs to know of a release. */
export interface ReleaseOutline {
  readonly number: number
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly publishedAt: Instant
}

/** A blob as the releases have it. */
export interface BlobOutline {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** How far a task came that outlives the server's runs. */
export interface TaskProgress {
  /** Where to go on; empty: at the beginning. */
  readonly position: string
  readonly begunAt: Instant
  /** When the round before was complete; null: never. */
  readonly completedAt: Instant | null
}

/** A model whose numbers go on elsewhere. */
export interface SkippedNumbers {
  model: string
  /** The number that would have been next. */
  from: number
  /** The number that is next now. */
  to: number
}

/** Where numbers go on after a gap: a round one that is easily told, at least `gap` above. */
export function numberAfterGap(next: number, gap: number): number {
  return Math.ceil((next - 1 + gap) / gap) * gap + 1
}
