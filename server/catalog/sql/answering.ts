import { sql, type RawBuilder } from 'kysely'
import type { Revisions } from '../answer.ts'

/** Which database answers, in SQL; null: a standby. */
export type AnsweringDatabase = RawBuilder<string | null>

/** A catalog in a file has one database. */
export const ONE_DATABASE: AnsweringDatabase = sql`''`

/** One row that says which database answers, to be joined with what it is asked: asked apart, each may be answered by another one. */
export function answeringRow(database: AnsweringDatabase) {
  return sql<{ database: string | null }>`(select ${database} as database)`.as<'answering'>('answering')
}

/** What rows say that {@link answeringRow} was joined with; of no model there is one row without any. */
export function revisionsOf(
  rows: readonly { database: string | null; model: string | null; revision: number | null }[],
): Revisions {
  return {
    database: rows[0]?.database ?? undefined,
    revisions: rows.flatMap(({ model, revision }) =>
      model === null || revision === null ? [] : [{ model, revision }],
    ),
  }
}
