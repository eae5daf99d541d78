import type { ProgressReader, ProgressWriter } from '../progress.ts'
import type { CatalogDb } from './catalog-tables.ts'

/** Answers the questions about the progress of tasks in SQL. */
export function progressReader(db: CatalogDb): ProgressReader {
  return {
    async findTaskProgress(task) {
      return await db
        .selectFrom('task_progress')
        .select(['position', 'begun_at as begunAt', 'completed_at as completedAt'])
        .where('task', '=', task)
        .executeTakeFirst()
    },
  }
}

/** Changes the progress of tasks in SQL, inside the transaction that it is given. */
export function progressWriter(db: CatalogDb): ProgressWriter {
  return {
    async saveTaskProgress(task, { position, begunAt, completedAt }) {
      const rest = { position, begun_at: begunAt, completed_at: completedAt }
      await db
        .insertInto('task_progress')
        .values({ task, ...rest })
        .onConflict((conflict) => conflict.column('task').doUpdateSet(rest))
        .execute()
    },
  }
}
