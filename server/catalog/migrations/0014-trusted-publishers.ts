import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Whose identity tokens are exchanged for tokens of ours. Never to be changed: what comes later is a migration of its own.
 * Moments are milliseconds since 1970.
 */
export const trustedPublishers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('trusted_publishers')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('audience', 'text', (column) => column.notNull())
      .addColumn('claims', 'text', (column) => column.notNull())
      .addColumn('allow', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .execute()
  },
}
