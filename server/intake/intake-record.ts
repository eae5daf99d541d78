import type { Digest } from '../releases/release.ts'

/** A file or object that arrived by itself and was dealt with: what it looked like then, and what became of it. */
export interface IntakeRecord {
  /** Of a file relative to the inbox, `/`-separated; of an object its URL. */
  readonly path: string
  readonly size: number
  /** Milliseconds since 1970, with the fraction that the file system keeps. */
  readonly modifiedAt: number
  /** The digest of its bytes; null where it was refused before all were read. */
  readonly digest: Digest | null
  readonly outcome: 'published' | 'known' | 'refused'
  /** Why it was refused. */
  readonly code: string | null
  /** Of an object: differs whenever its bytes may differ. */
  readonly version?: string
  /** Of a refusal: by which rules ({@link refusalRules}). Absent where that was not written down yet. */
  readonly refusedBy?: string
}

/** What an item looked like, for the catalog. */
export type IntakeLook = Pick<IntakeRecord, 'path' | 'size' | 'modifiedAt' | 'version'>
