import { sql, type Transaction } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'

/**
 * Has this transaction have the model to itself until it ends, whichever servers ask; waits for others that have it.
 *
 * @returns its revision; 0 where it is not there.
 */
export async function lockModel(transaction: Transaction<CatalogTables>, model: string): Promise<number> {
  const found = await lockRow(transaction, model)
  if (found !== undefined) return found
  // A model that is not there has no row: whoever is to create it holds its name.
  await sql`select pg_advisory_xact_lock(${NEW_MODELS}, hashtext(${model}))`.execute(transaction)
  return (await lockRow(transaction, model)) ?? 0
}

/** As {@link lockModel}, for all that there are and will be. */
export async function lockEveryModel(transaction: Transaction<CatalogTables>): Promise<void> {
  // Conflicts with each lock of a row, and with no read.
  await sql`lock table models in exclusive mode`.execute(transaction)
}

async function lockRow(transaction: Transaction<CatalogTables>, model: string): Promise<number | undefined> {
  const row = await transaction
    .selectFrom('models')
    .select('revision')
    .where('model', '=', model)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row?.revision
}

/** Any number that nothing else in the database uses. */
const NEW_MODELS = sql`1397508433`
