import type { FleetEvent } from './fleet-event.ts'
import type { ProcessRecord } from './process-record.ts'

/** A process after a fact, and what was concluded from it. */
export interface ReducedProcess {
  readonly process: ProcessRecord
  readonly events: readonly FleetEvent[]
}
