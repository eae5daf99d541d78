import { sql, type Transaction } from 'kysely'
import type { CatalogTables } from '../sql/catalog-tables.ts'

/** Has this transaction have the model to itself until it ends, whichever servers ask; waits for others that have it. */
export async function lockModel(transaction: Transaction<CatalogTables>, model: string): Promise<void> {
  if (await lockRow(transaction, model)) return
  // A model that is not there has no row: whoever is to create it holds its name.
  await sql`select pg_advisory_xact_lock(${NEW_MODELS}, hashtext(${model}))`.execute(transaction)
  await lockRow(transaction, model)
}

/** As {@link lockModel}, for all that there are and will be. */
export async function lockEveryModel(transaction: Transaction<CatalogTables>): Promise<void> {
  // Conflicts with each lock of a row, and with no read.
  await sql`lock table models in exclusive mode`.execute(transaction)
}

async function lockRow(transaction: Transaction<CatalogTables>, model: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('models')
    .select('model')
    .where('model', '=', model)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Any number that nothing else in the database uses. */
const NEW_MODELS = sql`1397508433`
