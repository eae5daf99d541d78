import { sql, type Selectable } from 'kysely'
import type { ProcessName } from '../fleet.ts'
import type { CatalogDb, ProcessRow } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'

/** The number of the last change of a model's processes or rollouts; 0: there was none. */
export async function findFleetRevision(db: CatalogDb, model: string): Promise<number> {
  const row = await db.selectFrom('fleets').select('revision').where('model', '=', model).executeTakeFirst()
  return row?.revision ?? 0
}

/** As {@link findFleetRevision}, of several models; those without a change are left out. */
export async function findFleetRevisions(
  db: CatalogDb,
  models: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('fleets')
    .select(['model', 'revision'])
    .where('model', 'in', models)
    .execute()
  return new Map(rows.map(({ model, revision }) => [model, revision]))
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

/** The processes of these models that changed behind a number, and those that were forgotten. */
export async function findChanges(
  db: CatalogDb,
  models: readonly string[],
  after: number,
): Promise<{ rows: Selectable<ProcessRow>[]; forgotten: ProcessName[] }> {
  const rows = await db
    .selectFrom('processes')
    .selectAll()
    .where('model', 'in', models)
    // As the index says it, which is of no use otherwise.
    .where('revision', '>', sql.lit(0))
    .where('revision', '>', after)
    .orderBy('revision')
    .execute()
  const forgotten = await db
    .selectFrom('forgotten_processes')
    .select(['model', 'process'])
    .where('model', 'in', models)
    .where('revision', '>', after)
    .execute()
  return { rows, forgotten }
}

/** Other servers look each second; one that slept for longer than this forgets what was silent by itself. */
const KEPT_MILLISECONDS = 600_000

/**
 * Has other servers forget processes, too. Notes of earlier ones give way: whoever invents names has processes pushed out with
 * each poll, and must not fill the database.
 */
export async function noteForgotten(
  db: CatalogDb,
  processes: readonly ProcessName[],
  { revision, at }: { revision: number; at: number },
): Promise<void> {
  for (const model of new Set(processes.map((process) => process.model)))
    await dropOldNotes(db, model, at - KEPT_MILLISECONDS, 2 * processes.length)
  for (const part of inParts(processes)) {
    await db
      .insertInto('forgotten_processes')
      .values(part.map(({ model, process }) => ({ model, process, revision, at })))
      .onConflict((conflict) => conflict.columns(['model', 'process']).doUpdateSet({ revision, at }))
      .execute()
  }
}

/** Drops more than come, along the index of their numbers, so that a long table is never gone through at once. */
async function dropOldNotes(db: CatalogDb, model: string, before: number, most: number): Promise<void> {
  const oldest = await db
    .selectFrom('forgotten_processes')
    .select(['process', 'at'])
    .where('model', '=', model)
    .orderBy('revision')
    .limit(most)
    .execute()
  for (const part of inParts(oldest.filter(({ at }) => at < before).map(({ process }) => process)))
    await db
      .deleteFrom('forgotten_processes')
      .where('model', '=', model)
      .where('process', 'in', part)
      .execute()
}
