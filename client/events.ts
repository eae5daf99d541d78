import type { FailureKind } from './failure.ts'

/** An archive in its folder. */
export interface InstalledArchive {
  /** Absolute. */
  path: string
  /** SHA-256 in hex. */
  digest: string
  release: number | null
  /** The entity tag as it came; null where the source has none. */
  etag: string | null
}

/** What came of asking. */
export type PullEvent =
  | ({ event: 'installed' } & InstalledArchive)
  | ({ event: 'unchanged' } & InstalledArchive)
  /** The source gave nothing, and the last good archive is in place. */
  | ({ event: 'offline'; message: string } & InstalledArchive)
  /** Nothing was installed by this attempt; `installed` is what was there before. */
  | { event: 'failed'; kind: FailureKind; message: string; installed: InstalledArchive | null }

/** Something worth saying that is no outcome. */
export interface Notice {
  code: 'model-went-back' | 'condition-ignored' | 'attempt-failed' | 'state-rebuilt' | 'resumed'
  message: string
}

/** How far a transfer is, in bytes. */
export interface Progress {
  bytes: number
  /** Undefined where the source does not say it. */
  total: number | undefined
}
