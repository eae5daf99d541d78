import { LONGEST_RETRY_MS, type IntakeTimings } from '../intake-timings.ts'

/** How patient an inbox is; milliseconds. */
export interface InboxTimings extends IntakeTimings {
  /** News from the file system are gathered for so long before a look. */
  gatherMs: number
}

export const DEFAULT_TIMINGS: InboxTimings = {
  gatherMs: 50,
  quietMs: 1_000,
  patienceMs: 10_000,
  rescanMs: 10_000,
  firstRetryMs: 1_000,
  longestRetryMs: LONGEST_RETRY_MS,
}
