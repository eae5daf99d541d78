import type { Digest, Release } from '../../releases/release.ts'

/** What happens in the inbox, for whoever logs it. Paths are relative to the inbox, `/`-separated. */
export type InboxEvent =
  | { kind: 'published'; path: string; model: string; release: Release }
  /** Its bytes are known to the model already; nothing was published. */
  | { kind: 'known'; path: string; model: string; digest: Digest }
  /** It is no sound archive. Said once; the file is looked at again when it changes. */
  | { kind: 'refused'; path: string; model: string; code: string; message: string }
  /** It is nothing that can be published, though it may have been meant so. Said once. */
  | { kind: 'ignored'; path: string; reason: string }
  /** It may still be growing. Said once, until it is dealt with. */
  | { kind: 'waiting'; path: string; model: string }
  /** Something of ours, or of the disk, failed; it is tried again by itself. */
  | { kind: 'failed'; path: string; model: string; error: unknown; retryInMs: number }
  /** `latest` now follows the file that changed last, but another of those taken with it was trained later. */
  | { kind: 'order-doubtful'; model: string; newestByTime: string; newestByTraining: string }
  /** The inbox could not be looked through; it is tried again by itself. Said once, until it works again. */
  | { kind: 'scan-failed'; folder: string; error: unknown }
  /** No news from the file system; the inbox is still looked through every 10 s. */
  | { kind: 'watch-failed'; folder: string; error: unknown }
