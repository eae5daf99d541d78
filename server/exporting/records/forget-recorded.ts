import type { ProgressWriter } from '../../catalog/progress.ts'
import type { Model } from '../../releases/model.ts'
import { recordsTask } from './catalog-record.ts'

/** Has the records of all these models be written anew: those that were written lie elsewhere. @param now Milliseconds since 1970. */
export async function forgetRecorded(
  writer: ProgressWriter,
  models: readonly Pick<Model, 'model'>[],
  now: number,
): Promise<void> {
  const never = { position: '', begunAt: new Date(now).toISOString(), completedAt: null }
  for (const { model } of models) await writer.saveTaskProgress(recordsTask(model), never)
}
