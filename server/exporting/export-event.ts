import type { Digest } from '../releases/release.ts'

/** What happens while tags are exported, for whoever logs it. */
export type ExportEvent =
  | { kind: 'exported'; model: string; tag: string; name: string; digest: Digest }
  /** It is tried again by itself. */
  | { kind: 'failed'; model: string; tag: string; name: string; error: unknown; retryInMs: number }
