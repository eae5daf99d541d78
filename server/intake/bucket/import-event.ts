import type { Digest, Release } from '../../releases/release.ts'

/** What happens while a bucket is imported, for whoever logs it. Keys are without the folder that is imported. */
export type ImportEvent =
  | { kind: 'published'; key: string; model: string; release: Release }
  /** Its bytes are known to the model already; nothing was published. */
  | { kind: 'known'; key: string; model: string; digest: Digest }
  /** It is no sound archive. Said once; the object is looked at again when it changes. */
  | { kind: 'refused'; key: string; model: string; code: string; message: string }
  /** It is nothing that can be published, though it may have been meant so. Said once. */
  | { kind: 'ignored'; key: string; reason: string }
  /** Something of ours failed; it is tried again by itself. */
  | { kind: 'failed'; key: string; model: string; error: unknown; retryInMs: number }
  /** The bucket could not be looked through; it is tried again by itself. Said once, until it works again. */
  | { kind: 'look-failed'; error: unknown }
