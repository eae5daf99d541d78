import type { ArchiveFacts } from '../../archives/archive-facts.ts'

/** Looks into an archive while its bytes stream by; one per archive. */
export interface ArchiveInspector {
  /** Takes the next bytes; resolves when more may come and the chunk is the caller's again. */
  write(chunk: Uint8Array): Promise<void>
  /** All bytes were written: what was learned. */
  end(): Promise<ArchiveFacts>
  /** Releases its resources. Safe to call at any time. */
  abort(): void
}
