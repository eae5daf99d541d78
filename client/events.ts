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

/** An archive that was refused, and when it is tried again. */
export interface RefusedArchive {
  /** SHA-256 in hex. */
  digest: string
  reason: string
  /** ISO 8601, UTC. */
  at: string
  /** ISO 8601, UTC. */
  retryAt: string
}

/** The outcome of one attempt. */
export type PullEvent = (
  | ({ event: 'installed' } & InstalledArchive)
  | ({ event: 'unchanged' } & InstalledArchive)
  /** The source gave nothing, and the last good archive is in place. */
  | ({ event: 'offline'; message: string } & InstalledArchive)
  /** Nothing was installed and acknowledged by this attempt; `installed` is the archive in place. */
  | { event: 'failed'; kind: FailureKind; message: string; installed: InstalledArchive | null }
) & {
  /** Archives that are not fetched at the moment because they were refused; absent where there are none. */
  refused?: RefusedArchive[]
}

/** Something worth saying that is no outcome. */
export interface Notice {
  code:
    | 'model-went-back'
    | 'condition-ignored'
    | 'attempt-failed'
    | 'state-rebuilt'
    | 'resumed'
    | 'archive-damaged'
    | 'restored-archive-refused'
  message: string
}

/** How far a transfer is, in bytes. */
export interface Progress {
  bytes: number
  /** Undefined where the source does not announce it. */
  total: number | undefined
}
