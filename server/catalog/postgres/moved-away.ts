import type { Kysely } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'

/** By this a database knows that its catalog goes on elsewhere. It is no part of the catalog: no copy of that has it. */
const NAME = 'moved-away'

/** Where the catalog of a database was moved to, for people; undefined: it is here. */
export async function findMovedAway(db: Kysely<CatalogTables>): Promise<string | undefined> {
  const found = await db.selectFrom('leases').select('place').where('name', '=', NAME).executeTakeFirst()
  return found?.place
}

/** Has no server run over a database any more. @param to For people. */
export async function noteMovedAway(db: Kysely<CatalogTables>, to: string): Promise<void> {
  await db
    .insertInto('leases')
    .values({ name: NAME, holder: '', place: to, host: '', epoch: 0, until: 0 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ place: to }))
    .execute()
}

/** The catalog is here: it was moved nowhere, or another has come in its place. */
export async function forgetMovedAway(db: Kysely<CatalogTables>): Promise<void> {
  await db.deleteFrom('leases').where('name', '=', NAME).execute()
}

/** What is changed here would be lost to whoever has the catalog now. @throws PostgresMisconfigured */
export async function refuseMovedAway(db: Kysely<CatalogTables>): Promise<void> {
  const to = await findMovedAway(db)
  if (to === undefined) return
  throw new PostgresMisconfigured(
    `the catalog of this database was moved to ${to}: start the server there, without this DATABASE_URL. Where the move was interrupted, run ` +
      'slipway migrate again; to go back, slipway migrate --from DATA_DIR --to DATABASE_URL',
  )
}
