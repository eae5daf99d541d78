import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How much a model may have. Never to be changed: what comes later is a migration of its own. */
export const quotas: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('models').addColumn('quota', 'text').execute()
  },
}
