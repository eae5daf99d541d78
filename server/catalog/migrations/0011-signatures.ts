import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Whose signatures a model requires, and the signatures of releases. Never to be changed: what comes later is a migration of
 * its own.
 */
export const signatures: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('models').addColumn('signatures', 'text').execute()
    await db.schema.alterTable('releases').addColumn('signature', 'text').execute()
    await db.schema
      .createTable('release_bundles')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('bundle', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('release_bundles_key', ['model', 'number'])
      .addForeignKeyConstraint('release_bundles_release', ['model', 'number'], 'releases', [
        'model',
        'number',
      ])
      .execute()
  },
}
