import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the foundation keeps. Never to be changed: what comes later is a migration of its own. */
export const modelsReleasesAndTags: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('models')
      .addColumn('model', 'text', (column) => column.primaryKey())
      .addColumn('default_tag', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('next_number', 'integer', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .execute()
    await createReleases(db)
    await createTags(db)
    await db.schema
      .createTable('inbox_files')
      .addColumn('path', 'text', (column) => column.primaryKey())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('modified_at', 'double precision', (column) => column.notNull())
      .addColumn('digest', 'text')
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('code', 'text')
      .execute()
  },
}

async function createReleases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('releases')
    .addColumn('model', 'text', (column) => column.notNull().references('models.model'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('filename', 'text', (column) => column.notNull())
    .addColumn('published_at', 'text', (column) => column.notNull())
    .addColumn('published_by', 'text', (column) => column.notNull())
    .addColumn('notes', 'text', (column) => column.notNull())
    .addColumn('archive', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('releases_key', ['model', 'number'])
    .execute()
  await db.schema.createIndex('releases_by_digest').on('releases').column('digest').execute()
  await db.schema
    .createTable('released_digests')
    .addColumn('model', 'text', (column) => column.notNull().references('models.model'))
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('released_digests_key', ['model', 'digest'])
    .execute()
}

async function createTags(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tag_moves')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('model', 'text', (column) => column.notNull().references('models.model'))
    .addColumn('tag', 'text', (column) => column.notNull())
    // No foreign keys: the history of a tag outlives the releases that it tells of.
    .addColumn('from_release', 'integer')
    .addColumn('to_release', 'integer')
    .addColumn('moved_at', 'text', (column) => column.notNull())
    .addColumn('moved_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .execute()
  await db.schema
    .createIndex('tag_moves_by_tag')
    .on('tag_moves')
    .columns(['model', 'tag', 'sequence'])
    .execute()
  await db.schema
    .createTable('tags')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('release', 'integer', (column) => column.notNull())
    .addColumn('sequence', 'integer', (column) => column.notNull().references('tag_moves.sequence'))
    .addPrimaryKeyConstraint('tags_key', ['model', 'tag'])
    .addForeignKeyConstraint('tags_release', ['model', 'release'], 'releases', ['model', 'number'])
    .execute()
  await db.schema.createIndex('tags_by_release').on('tags').columns(['model', 'release']).execute()
}
