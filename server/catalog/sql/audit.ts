import type { Selectable } from 'kysely'
import type { AuditEntry } from '../../../protocol/audit.ts'
import type { AuditReader, AuditWriter } from '../audit.ts'
import type { AuditRow, CatalogDb } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'

/** Answers the questions about the audit in SQL. */
export function auditReader(db: CatalogDb): AuditReader {
  return {
    async listAudit(after, limit) {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(entryOf)
    },

    async auditHead() {
      return await db.selectFrom('audit_head').select(['sequence', 'hash']).executeTakeFirstOrThrow()
    },

    async firstAuditSince(at) {
      const row = await db
        .selectFrom('audit')
        .select('sequence')
        .where('at', '>=', at)
        .orderBy('at')
        .orderBy('sequence')
        .executeTakeFirst()
      return row?.sequence
    },
  }
}

/** Changes the audit in SQL, inside the transaction that it is given. */
export function auditWriter(db: CatalogDb): AuditWriter {
  return {
    async holdAuditHead() {
      // An update locks the row, in every database.
      return await db
        .updateTable('audit_head')
        .set((row) => ({ sequence: row.ref('sequence') }))
        .returning(['sequence', 'hash'])
        .executeTakeFirstOrThrow()
    },

    async appendAudit(entries) {
      for (const part of inParts(entries.map(rowOf))) await db.insertInto('audit').values(part).execute()
      const last = entries.at(-1)
      if (last === undefined) return
      await db.updateTable('audit_head').set({ sequence: last.sequence, hash: last.hash }).execute()
    },

    async dropAudit(upTo) {
      await db.deleteFrom('audit').where('sequence', '<=', upTo).execute()
    },
  }
}

function rowOf({ at, before, after, ...entry }: AuditEntry): AuditRow {
  return { ...entry, at: Date.parse(at), before: JSON.stringify(before), after: JSON.stringify(after) }
}

function entryOf({ at, before, after, ...row }: Selectable<AuditRow>): AuditEntry {
  return {
    ...row,
    at: new Date(at).toISOString(),
    before: JSON.parse(before) as AuditEntry['before'],
    after: JSON.parse(after) as AuditEntry['after'],
  }
}
