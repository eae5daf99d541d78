import type { Instant } from '../time/clock.ts'

/** Questions about tasks that outlive a run of the server. */
export interface ProgressReader {
  findTaskProgress(task: string): Promise<TaskProgress | undefined>
}

/** Changes of the progress of tasks. */
export interface ProgressWriter {
  saveTaskProgress(task: string, progress: TaskProgress): Promise<void>
}

/** How far a task came that outlives the server's runs. */
export interface TaskProgress {
  /** Where to go on; empty: at the beginning. */
  readonly position: string
  readonly begunAt: Instant
  /** When the round before was complete; null: never. */
  readonly completedAt: Instant | null
}
