import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

interface IdentityTable {
  identity: { id: number; server: string }
}

/** Which catalog this is. Never to be changed: what comes later is a migration of its own. */
export const identity: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('identity')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('server', 'text', (column) => column.notNull())
      .execute()
    await (db as Kysely<IdentityTable>)
      .insertInto('identity')
      .values({ id: 1, server: randomUUID() })
      .execute()
  },
}
