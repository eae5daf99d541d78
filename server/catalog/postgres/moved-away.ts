import { sql, type Kysely, type RawBuilder } from 'kysely'
import { CatalogMoving } from '../moving.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'
import { hasServerLease } from './server-lease.ts'

/** By this a database knows that its catalog goes on elsewhere. It is no part of the catalog: no copy of that has it. */
const MOVED = 'moved-away'

/** By this it knows that its catalog is on its way, for as long as the program that has written it has the lease of the database. */
const MOVING = 'moving-away'

/** A move that was concluded: the target has the catalog, or had it but for an interruption. */
export interface ConcludedMove {
  /** For people. */
  readonly to: string
  /** Empty where a version noted it that gave moves no id. */
  readonly id: string
}

/** What is said of moves in one row, besides other columns. */
export interface MoveColumns {
  readonly movedTo: string | null
  readonly movingTo: string | null
}

/** To be selected from nothing, or beside anything. */
export const MOVE_COLUMNS: RawBuilder<MoveColumns> = sql`
  (select place from leases where name = ${sql.lit(MOVED)}) as "movedTo",
  (select moving.place from leases as moving where moving.name = ${sql.lit(MOVING)}
    and ${hasServerLease(sql`moving.holder`)}) as "movingTo"`

/** Why no change may be made; undefined where the catalog is here to stay. */
export function refusalOfMove({ movedTo, movingTo }: MoveColumns): CatalogMoving | undefined {
  const to = movedTo ?? movingTo
  return to === null ? undefined : new CatalogMoving(to, movedTo !== null)
}

/** Where the catalog of a database was moved to; undefined: it is here. */
export async function findMovedAway(db: Kysely<CatalogTables>): Promise<ConcludedMove | undefined> {
  return await db
    .selectFrom('leases')
    .select(['place as to', 'holder as id'])
    .where('name', '=', MOVED)
    .executeTakeFirst()
}

/** Has nobody change the catalog for as long as `holder` has the lease of the database. @param to For people. */
export async function noteMoving(
  db: Kysely<CatalogTables>,
  { to, holder, host }: { to: string; holder: string; host: string },
): Promise<void> {
  const row = { holder, place: to, host }
  await db
    .insertInto('leases')
    .values({ name: MOVING, ...row, epoch: 0, until: 0 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}

/** Has nobody change the catalog any more, and no server start over the database. */
export async function noteMovedAway(db: Kysely<CatalogTables>, { to, id }: ConcludedMove): Promise<void> {
  const row = { holder: id, place: to }
  await db
    .insertInto('leases')
    .values({ name: MOVED, ...row, host: '', epoch: 0, until: 0 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}

/** The catalog is here: it was moved nowhere, or another has come in its place. */
export async function forgetMovedAway(db: Kysely<CatalogTables>): Promise<void> {
  await db.deleteFrom('leases').where('name', 'in', [MOVED, MOVING]).execute()
}

/** What is changed here would be lost to whoever has the catalog now. @throws PostgresMisconfigured */
export async function refuseMovedAway(db: Kysely<CatalogTables>): Promise<void> {
  const moved = await findMovedAway(db)
  if (moved === undefined) return
  throw new PostgresMisconfigured(
    `the catalog of this database was moved to ${moved.to}: start the server there, without this DATABASE_URL. Where the move was interrupted, run ` +
      'slipway migrate again; to go back, slipway migrate --from DATA_DIR --to DATABASE_URL',
  )
}
