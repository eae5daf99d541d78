import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What keeps a catalog and its blobs in order. Never to be changed: what comes later is a migration of its own. */
export const upkeep: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('sightings')
      .addColumn('process', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('last_seen', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('sightings_key', ['digest', 'process'])
      .execute()
    await db.schema
      .createIndex('sightings_by_time')
      .on('sightings')
      .columns(['last_seen', 'digest'])
      .execute()
    await db.schema
      .createTable('damaged_blobs')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('damaged_at', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('unused_blobs')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('since', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('task_progress')
      .addColumn('task', 'text', (column) => column.primaryKey())
      .addColumn('position', 'text', (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addColumn('completed_at', 'text')
      .execute()
    await db.schema
      .createTable('numbering')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('first_number', 'integer', (column) => column.notNull())
      .execute()
  },
}
