import { DomainError } from '../../errors/errors.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { auditPageSchema, auditQuerySchema, type AuditEntry } from '../../../protocol/audit.ts'
import type { RefusedChanges } from '../../access/audit/refused-changes.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Clock } from '../../time/clock.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** Entries that are read before polls have their turn. */
const AT_ONCE = 50

/** A page ends with the entry that reaches it: notes may have 10,000 characters. */
const MAX_PAGE_BYTES = 256 * 1024

const DESCRIPTION = `Who changed what, and which changes were refused; never a poll. Refused ones stand as one entry for each address, author, reason and minute, with how many there were.

Each entry has the hash of the one before, so that none can be changed, taken out or moved without all behind it; \`slipway audit verify\` checks that. Where old ones were dropped, an entry \`audit.checkpoint\` says which was the last.`

export interface AuditDependencies {
  catalog: Catalog
  clock: Clock
  refused: RefusedChanges
}

/** `/api/v1/audit`. */
export function auditEndpoints(dependencies: AuditDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/audit',
      id: 'listAudit',
      permission: 'admin',
      summary: 'List what was changed, and what was refused',
      description: DESCRIPTION,
      query: auditQuerySchema,
      replies: { 200: { description: 'Entries, the oldest first.', schema: auditPageSchema } },
      problems: ['invalid-parameter'],
      handle: async ({ query: { after, since, limit } }) => {
        const { catalog, clock, refused } = dependencies
        // What was refused last is written down later where the disk is full: reading needs no room.
        await refused.flush(catalog, clock).catch(throwUnlessFull)
        const head = await catalog.auditHead()
        const begin = after ?? (await positionBefore(catalog, since, head.sequence))
        const { items, hasMore } = await readPage(catalog, begin, limit)
        const next = hasMore ? (items.at(-1)?.sequence ?? null) : null
        return { status: 200, body: { items, next, head } }
      },
    }),
  ]
}

function throwUnlessFull(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'disk-full') throw error
}

async function positionBefore(catalog: Catalog, since: string | undefined, last: number): Promise<number> {
  if (since === undefined) return 0
  const first = await catalog.firstAuditSince(Date.parse(since))
  return first === undefined ? last : first - 1
}

async function readPage(
  catalog: Catalog,
  after: number,
  limit: number,
): Promise<{ items: AuditEntry[]; hasMore: boolean }> {
  const items: AuditEntry[] = []
  let bytes = 0
  for (;;) {
    const wanted = Math.min(AT_ONCE, limit - items.length)
    const found = await catalog.listAudit(items.at(-1)?.sequence ?? after, wanted + 1)
    for (const entry of found.slice(0, wanted)) {
      if (bytes >= MAX_PAGE_BYTES) return { items, hasMore: true }
      items.push(entry)
      bytes += JSON.stringify(entry).length
    }
    const hasMore = found.length > wanted
    if (!hasMore || items.length >= limit) return { items, hasMore }
    await nextTurn()
  }
}
