import type { ArchiveFacts } from '../../archives/archive-facts.ts'
import type { Instant } from '../time/clock.ts'

/** SHA-256 of an archive in lower-case hex: its identity. */
export type Digest = string

/** An archive that was published under a model. Immutable but for its notes. */
export interface Release {
  readonly model: string
  /** 1, 2, 3 … per model; never given twice. */
  readonly number: number
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** A safe base name that ends in `.tar.gz`. */
  readonly filename: string
  readonly publishedAt: Instant
  readonly publishedBy: string
  readonly notes: string
  /** What inspection learned. */
  readonly archive: ArchiveFacts
}
