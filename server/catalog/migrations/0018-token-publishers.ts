import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** For which trusted publishers a token was issued. Never to be changed: what comes later is a migration of its own. */
export const tokenPublishers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('tokens').addColumn('publishers', 'text').execute()
  },
}
