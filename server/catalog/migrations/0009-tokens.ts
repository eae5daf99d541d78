import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rows as this migration makes them; the program's own types may change. */
interface ChangesTable {
  token_changes: { id: number; revision: number }
}

/**
 * Tokens: what each opens, never the token itself. Never to be changed: what comes later is a migration of its own. Moments
 * are milliseconds since 1970.
 */
export const tokens: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('tokens')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull().unique())
      .addColumn('allow', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('revoked_by', 'text')
      .addColumn('successor', 'integer')
      .addColumn('last_used_at', 'bigint')
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('tokens_by_name').on('tokens').columns(['name', 'id']).execute()
    await db.schema.createIndex('tokens_by_revision').on('tokens').column('revision').execute()
    // Of those that another system vouches for, many may have one name at once.
    await db.schema
      .createIndex('tokens_in_force')
      .unique()
      .on('tokens')
      .column('name')
      .where('revoked_at' as never, 'is', null)
      .where('successor' as never, 'is', null)
      .where('subject' as never, 'is', null)
      .execute()
    // One row, which every change updates first: so they come one after the other, in every database.
    await db.schema
      .createTable('token_changes')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .execute()
    await (db as Kysely<ChangesTable>).insertInto('token_changes').values({ id: 1, revision: 0 }).execute()
  },
}
