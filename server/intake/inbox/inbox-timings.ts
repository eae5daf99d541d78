import { LONGEST_RETRY_MS, type IntakeTimings } from '../intake-timings.ts'

/** How long an inbox waits; milliseconds. */
export interface InboxTimings extends IntakeTimings {
  /** News from the file system are gathered for so long before a look. */
  gatherMs: number
}

export const DEFAULT_TIMINGS: InboxTimings = {
  gatherMs: 50,
  quietMs: 1_000,
  incompleteGraceMs: 10_000,
  rescanMs: 10_000,
  firstRetryMs: 1_000,
  longestRetryMs: LONGEST_RETRY_MS,
}
