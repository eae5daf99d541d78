import type { Digest, Release } from '../releases/release.ts'
import type { TagWarning } from '../releases/tag-warning.ts'

/** What happens while archives are taken in, for whoever logs it. Paths are within the source, `/`-separated. */
export type IntakeEvent =
  | { kind: 'published'; path: string; model: string; release: Release; warnings: TagWarning[] }
  /** Its bytes are known to the model already; nothing was published. */
  | { kind: 'known'; path: string; model: string; digest: Digest }
  /** It is no sound archive. Said once; it is looked at again when it changes, or the rules do. */
  | { kind: 'refused'; path: string; model: string; code: string; message: string }
  /** It is nothing that can be published, though it may have been meant so. Said once. */
  | { kind: 'ignored'; path: string; reason: string }
  /** It may still be growing. Said once, until it is dealt with. */
  | { kind: 'waiting'; path: string; model: string }
  /** Something of ours, or of the source, failed; it is tried again by itself. */
  | { kind: 'failed'; path: string; model: string; error: unknown; retryInMs: number }
  /** `latest` now follows what changed last, but another of those taken with it was trained later. */
  | { kind: 'order-doubtful'; model: string; newestByTime: string; newestByTraining: string }
  /** The source could not be looked through; it is tried again by itself. Said once, until it works again. */
  | { kind: 'scan-failed'; source: string; error: unknown }
  /** No news from the source; it is still looked through every 10 s. */
  | { kind: 'watch-failed'; source: string; error: unknown }
