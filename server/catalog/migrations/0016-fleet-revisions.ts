import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Numbers the changes of a model's processes and rollouts, so that each of several servers reads what others changed. Never to be
 * changed: what comes later is a migration of its own. Rows that one server alone wrote have 0.
 */
export const fleetRevisions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('fleets')
      .addColumn('model', 'text', (column) => column.primaryKey())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .execute()
    for (const table of ['processes', 'rollouts']) {
      await db.schema
        .alterTable(table)
        .addColumn('revision', 'bigint', (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema
        .createIndex(`${table}_by_revision`)
        .on(table)
        .columns(['model', 'revision'])
        .where(sql<boolean>`revision > 0`)
        .execute()
    }
    // Other servers know them: without a row they would for ever.
    await db.schema
      .createTable('forgotten_processes')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('process', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('forgotten_processes_key', ['model', 'process'])
      .execute()
    await db.schema
      .createIndex('forgotten_processes_by_revision')
      .on('forgotten_processes')
      .columns(['model', 'revision'])
      .execute()
  },
}
