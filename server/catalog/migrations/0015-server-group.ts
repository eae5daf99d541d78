import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The servers that share a catalog, and what they agree on about blobs. Never to be changed: what comes later is a migration of its
 * own. Moments are milliseconds since 1970, by the clock of the database.
 */
export const serverGroup: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('servers')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('storage', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addColumn('compared_at', 'bigint', (column) => column.notNull())
      .execute()
    // Under which key a blob lies: one that was to be deleted is never used again. Absent: the first, and nobody claims it.
    await db.schema
      .createTable('blob_claims')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('claimed_until', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('doomed_blobs')
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('doomed_blobs_key', ['digest', 'generation'])
      .execute()
  },
}
