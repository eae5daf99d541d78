import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What servers that share a catalog agree on: empty where there is one, on SQLite. Never to be changed: what comes later is a
 * migration of its own. Moments are milliseconds since 1970, by the clock of the database.
 */
export const severalServers: Migration = {
  async up(db: Kysely<unknown>) {
    // A row for each transaction of late: what became of one whose answer was lost is looked up here.
    await db.schema
      .createTable('commits')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('commits_by_time').on('commits').column('at').execute()
    await db.schema
      .createTable('leases')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('epoch', 'bigint', (column) => column.notNull())
      .addColumn('until', 'bigint', (column) => column.notNull())
      .execute()
  },
}
