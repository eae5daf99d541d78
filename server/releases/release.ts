import type { ReleaseSignature } from '../../protocol/signature.ts'
import type { ArchiveFacts, NameList } from '../../archives/archive-facts.ts'
import type { Instant } from '../time/clock.ts'

/** SHA-256 of an archive in lower-case hex: its identity. */
export type Digest = string

/** Of a release, what a pull needs: all that is kept in memory of each. */
export interface ServedRelease {
  /** 1, 2, 3 … per model; never given twice. */
  readonly number: number
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** A safe base name that ends in `.tar.gz`. */
  readonly filename: string
}

/** What a pull needs of a release of which more is known. */
export function servedRelease({ number, digest, size, filename }: ServedRelease): ServedRelease {
  return { number, digest, size, filename }
}

/** A release without the long lists of its archive: what lists show, thousands at a time. */
export interface ReleaseSummary extends ServedRelease {
  readonly model: string
  readonly publishedAt: Instant
  readonly publishedBy: string
  readonly notes: string
  /** What inspection learned, in short. */
  readonly archive: ArchiveSummary
  /** null: it is not signed. */
  readonly signature: ReleaseSignature | null
}

/** An archive that was published under a model. Immutable but for its notes and its signature. */
export interface Release extends ReleaseSummary {
  /** What inspection learned. */
  readonly archive: ArchiveFacts
}

/** The names of an archive's domain and of its components: a hundred bytes, or a hundred thousand. */
export type ArchiveLists = Pick<ArchiveFacts, NameList | 'definitions' | 'cut'>

/** What inspection learned of an archive, without its lists. */
export type ArchiveSummary = Omit<ArchiveFacts, keyof ArchiveLists>

/** Divides what inspection learned into what lists of releases show, and the rest. */
export function divideFacts(facts: ArchiveFacts): { summary: ArchiveSummary; lists: ArchiveLists } {
  const { intents, entities, slots, responses, forms, actions, pipeline, policies, ...others } = facts
  const { definitions, cut, ...summary } = others
  const lists = { intents, entities, slots, responses, forms, actions, pipeline, policies, definitions, cut }
  const present = Object.entries(lists).filter(([, list]) => list !== undefined)
  return { summary, lists: Object.fromEntries(present) }
}
