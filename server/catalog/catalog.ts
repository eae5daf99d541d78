import type { Instant } from '../time/clock.ts'
import type { InboxFile } from '../intake/inbox-file.ts'
import type { Model } from '../releases/model.ts'
import type { PageOf } from './page-of.ts'
import type { Digest, Release } from '../releases/release.ts'
import type { MoveCircumstances, Tag, TagMove } from '../releases/tag.ts'
import type { UpkeepReader, UpkeepWriter } from './upkeep-catalog.ts'

/**
 * What is known of models, releases and tags. Rules live in `operations`; a catalog keeps rows and makes
 * changes atomic and durable. Every implementation passes test/contracts/catalog.ts.
 */
export interface Catalog extends CatalogReader {
  /**
   * Runs `work` alone: no other write happens between its first read and its end. What it wrote is durable
   * when this resolves (`synchronous=FULL` or the like), and nothing of it happened where this rejects.
   * Reads through the writer see the work's own changes.
   *
   * @throws DomainError `catalog-busy` where another program holds the catalog for over 5 s,
   *   `catalog-unavailable` where it takes no writes, `disk-full`; and whatever `work` throws.
   */
  write<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result>

  /** Ends it; later calls reject. */
  close(): Promise<void>
}

/** Questions. Lists are newest first. */
export interface CatalogReader extends UpkeepReader {
  findModel(model: string): Promise<Model | undefined>
  /** By name, ascending. */
  listModels(page: PageOf<string>): Promise<Model[]>

  findRelease(model: string, number: number): Promise<Release | undefined>
  /** The release with the highest number. */
  highestRelease(model: string): Promise<Release | undefined>
  /** By number, descending; `before` is the number that the page before ended with. */
  listReleases(model: string, page: PageOf<number>): Promise<Release[]>
  countReleases(model: string): Promise<number>
  /** Whether any release of the model has these bytes, or ever had. */
  everHadDigest(model: string, digest: Digest): Promise<boolean>
  /** Whether any release of any model has these bytes. */
  isDigestReleased(digest: Digest): Promise<boolean>

  findTag(model: string, tag: string): Promise<Tag | undefined>
  /** By name, ascending. */
  listTags(model: string): Promise<Tag[]>
  /** The moves of a tag, the last first; `before` is a sequence. Kept when a tag is deleted. */
  tagHistory(model: string, tag: string, page: PageOf<number>): Promise<TagMove[]>
  /** Every model with its tags and the releases these point at, read in one snapshot: what pulls need. */
  readCurrent(model?: string): Promise<CurrentModel[]>

  findInboxFile(path: string): Promise<InboxFile | undefined>
}

/** Changes; only inside {@link Catalog.write}. Each of a model raises its revision. */
export interface CatalogWriter extends CatalogReader, UpkeepWriter {
  /** Creates the model where it is new. */
  ensureModel(model: string, createdAt: Instant): Promise<Model>
  setDefaultTag(model: string, tag: string): Promise<void>
  /** Adds the next release of an existing model and gives it its number. */
  insertRelease(release: Omit<Release, 'number'>): Promise<Release>
  updateNotes(model: string, number: number, notes: string): Promise<void>
  /** Removes the row; {@link CatalogReader.everHadDigest} still knows its digest. */
  deleteRelease(model: string, number: number): Promise<void>
  /** Points a tag at a release, or nowhere (`null`: deletes it), and adds to its history. */
  moveTag(model: string, tag: string, to: number | null, circumstances: MoveCircumstances): Promise<TagMove>
  rememberInboxFile(file: InboxFile): Promise<void>
}

/** What pulls of one model need to know. */
export interface CurrentModel {
  model: string
  defaultTag: string
  revision: number
  tags: { tag: string; release: Release }[]
}
