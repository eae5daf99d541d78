import type { Digest } from '../releases/release.ts'

/** What happens while tags are exported, for whoever logs it. */
export type ExportEvent =
  | { kind: 'exported'; model: string; tag: string; name: string; digest: Digest }
  /** The object is not the archive that was exported: another writer replaced or removed it, or an upload had an unknown end. */
  | { kind: 'changed'; model: string; tag: string; name: string; digest: Digest }
  /** It is tried again by itself. */
  | { kind: 'failed'; model: string; tag: string; name: string; error: unknown; retryInMs: number }
