import type { ServedRelease } from '../releases/release.ts'
import type { MoveCircumstances, Tag, TagMove, TagTarget } from '../releases/tag.ts'
import type { PageOf } from './page-of.ts'

/** Questions about the tags of a model. */
export interface TagReader {
  findTag(model: string, tag: string): Promise<Tag | undefined>
  countTags(model: string): Promise<number>
  /** By name, ascending. */
  listTags(model: string): Promise<Tag[]>
  /** The moves of a tag by sequence, the last first. Kept when a tag is deleted. */
  tagHistory(model: string, tag: string, page: PageOf<number>): Promise<TagMove[]>
  /** As {@link tagHistory}, with no more than where each move led: thousands are cheap. */
  listTagTargets(model: string, tag: string, page: PageOf<number>): Promise<TagTarget[]>
  /** The releases that still exist of those a tag pointed at, each once, the last first; at most `limit`. */
  lastReleasesOfTag(model: string, tag: string, limit: number): Promise<number[]>
  /** Every model with its tags and the releases these point at, read in one snapshot: what pulls need. @param only Of this model, or of these. */
  readCurrent(only?: string | readonly string[]): Promise<CurrentModel[]>
}

/** Changes of tags. */
export interface TagWriter {
  /**
   * Points a tag at a release, or nowhere (`null`: deletes it), adds to its history, and raises the revision of the
   * model.
   *
   * @throws DomainError `release-not-found`; `tag-not-found` where a tag that does not exist is to be deleted.
   */
  moveTag(model: string, tag: string, to: number | null, circumstances: MoveCircumstances): Promise<TagMove>
}

/** What pulls of one model need to know. */
export interface CurrentModel {
  model: string
  defaultTag: string
  revision: number
  tags: { tag: string; release: ServedRelease }[]
}
