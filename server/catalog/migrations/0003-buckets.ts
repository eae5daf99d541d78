import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What comes from buckets and goes to them. Never to be changed: what comes later is a migration of its own. */
export const buckets: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('inbox_files').addColumn('version', 'text').execute()
    await db.schema
      .createTable('exports')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('tag', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('exported_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('exports_key', ['model', 'tag'])
      .execute()
  },
}
