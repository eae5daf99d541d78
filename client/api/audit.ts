import { auditPageSchema, type AuditEntry, type AuditHead } from '../../protocol/audit.ts'
import type { ApiClient } from './api-client.ts'

/** Which entries are asked for. */
export interface AuditFilter {
  /** From this moment on, in ISO 8601. */
  since?: string | undefined
  limit?: number
}

/** Reads the audit page by page, the oldest entry first. */
export async function* readAudit(client: ApiClient, { since }: AuditFilter = {}): AsyncGenerator<AuditEntry> {
  let after: number | undefined
  for (;;) {
    const query = { limit: '1000', ...(after === undefined ? { since } : { after: after.toString() }) }
    const page = await client.call({ method: 'GET', path: 'api/v1/audit', query }, auditPageSchema)
    yield* page.items
    if (page.next === null) return
    after = page.next
  }
}

/** What the server says is the last entry. */
export async function readAuditHead(client: ApiClient): Promise<AuditHead> {
  const query = { limit: '1' }
  const { head } = await client.call({ method: 'GET', path: 'api/v1/audit', query }, auditPageSchema)
  return head
}
