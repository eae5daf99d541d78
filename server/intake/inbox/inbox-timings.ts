/** How patient an inbox is; milliseconds. */
export interface InboxTimings {
  /** News from the file system are gathered for so long before a look. */
  gatherMs: number
  /** A file that did not change for so long is taken to be whole. */
  quietMs: number
  /** A file that ends early may still be growing, slowly, until it has not changed for so long. */
  patienceMs: number
  /** The inbox is looked through so often even without news. */
  rescanMs: number
  /** The first pause after a failure; each further one is twice as long … */
  firstRetryMs: number
  /** … up to this. */
  longestRetryMs: number
}

export const DEFAULT_TIMINGS: InboxTimings = {
  gatherMs: 50,
  quietMs: 1_000,
  patienceMs: 10_000,
  rescanMs: 10_000,
  firstRetryMs: 1_000,
  longestRetryMs: 300_000,
}
