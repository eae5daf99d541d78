import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which version of an object is the archive that was exported. Never to be changed: what comes later is a migration of its own. */
export const exportVersions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('exports').addColumn('version', 'text').execute()
  },
}
