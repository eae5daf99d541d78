import type { IntakeRecord } from '../intake/intake-record.ts'

/** Questions about files and objects that arrived by themselves. */
export interface IntakeReader {
  findIntakeRecord(path: string): Promise<IntakeRecord | undefined>
}

/** Changes of what is known of files and objects that arrived by themselves. */
export interface IntakeWriter {
  /** Keeps the last word on each path. */
  rememberIntakeRecord(record: IntakeRecord): Promise<void>
}
