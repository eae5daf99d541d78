import type { AuditEntry, AuditHead } from '../../protocol/audit.ts'

/** Questions about what was changed, and what was refused. */
export interface AuditReader {
  /** Those behind a sequence number, in order; 0: from the first that is kept. */
  listAudit(after: number, limit: number): Promise<AuditEntry[]>
  /** The last entry. */
  auditHead(): Promise<AuditHead>
  /** The first entry from a moment on; undefined: there is none. @param at Milliseconds since 1970. */
  firstAuditSince(at: number): Promise<number | undefined>
}

/** Changes of the audit: it is only ever added to, and shortened at its beginning. */
export interface AuditWriter {
  /** As {@link AuditReader.auditHead}, and has other writes of the audit wait until this one has ended. */
  holdAuditHead(): Promise<AuditHead>
  /** Adds entries that follow the head. */
  appendAudit(entries: readonly AuditEntry[]): Promise<void>
  /** Drops all entries up to a sequence number. */
  dropAudit(upTo: number): Promise<void>
}
