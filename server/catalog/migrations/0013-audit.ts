import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rows as this migration makes them; the program's own types may change. */
interface HeadTable {
  audit_head: { id: number; sequence: number; hash: string }
}

/**
 * Every change and every refused one, chained by hashes. Never to be changed: what comes later is a migration of its own.
 * Moments are milliseconds since 1970.
 */
export const audit: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('audit')
      .addColumn('sequence', 'bigint', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('address', 'text')
      .addColumn('request', 'text')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('model', 'text')
      .addColumn('tag', 'text')
      .addColumn('before', 'text', (column) => column.notNull())
      .addColumn('after', 'text', (column) => column.notNull())
      .addColumn('previous', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('audit_by_time').on('audit').columns(['at', 'sequence']).execute()
    await db.schema
      .createTable('audit_head')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
    const head = { id: 1, sequence: 0, hash: '0'.repeat(64) }
    await (db as Kysely<HeadTable>).insertInto('audit_head').values(head).execute()
  },
}
