import { sql, type Selectable } from 'kysely'
import type { ProcessName } from '../fleet.ts'
import type { CatalogDb, ProcessRow } from './catalog-tables.ts'
import { inParts } from './in-parts.ts'

/** The number of the last change of a model's processes or rollouts; 0: there was none. */
export async function findFleetRevision(db: CatalogDb, model: string): Promise<number> {
  const row = await db.selectFrom('fleets').select('revision').where('model', '=', model).executeTakeFirst()
  return row?.revision ?? 0
}

/** Numbers one more change. */
export async function raiseFleetRevision(db: CatalogDb, model: string): Promise<number> {
  const { revision } = await db
    .insertInto('fleets')
    .values({ model, revision: 1 })
    .onConflict((conflict) =>
      conflict.column('model').doUpdateSet({ revision: sql<number>`fleets.revision + 1` }),
    )
    .returning('revision')
    .executeTakeFirstOrThrow()
  return revision
}

/** The processes that changed behind a number, and those that were forgotten. */
export async function findChanges(
  db: CatalogDb,
  model: string,
  after: number,
): Promise<{ rows: Selectable<ProcessRow>[]; forgotten: string[] }> {
  const rows = await db
    .selectFrom('processes')
    .selectAll()
    .where('model', '=', model)
    // As the index says it, which is of no use otherwise.
    .where('revision', '>', sql.lit(0))
    .where('revision', '>', after)
    .orderBy('revision')
    .execute()
  const forgotten = await db
    .selectFrom('forgotten_processes')
    .select('process')
    .where('model', '=', model)
    .where('revision', '>', after)
    .execute()
  return { rows, forgotten: forgotten.map(({ process }) => process) }
}

/** Has other servers forget processes, too. */
export async function noteForgotten(
  db: CatalogDb,
  processes: readonly ProcessName[],
  { revision, at }: { revision: number; at: number },
): Promise<void> {
  for (const part of inParts(processes)) {
    await db
      .insertInto('forgotten_processes')
      .values(part.map(({ model, process }) => ({ model, process, revision, at })))
      .onConflict((conflict) => conflict.columns(['model', 'process']).doUpdateSet({ revision, at }))
      .execute()
  }
}
