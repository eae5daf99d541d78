import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** By which rules an archive was refused. Never to be changed: what comes later is a migration of its own. */
export const refusalRules: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('inbox_files').addColumn('refused_by', 'text').execute()
  },
}
