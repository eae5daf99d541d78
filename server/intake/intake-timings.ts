/** How long intake waits for items and between looks; milliseconds. */
export interface IntakeTimings {
  /** An item that did not change for so long is taken to be whole; 0 where items appear whole. */
  quietMs: number
  /** An incomplete item is refused once it has not changed for so long: until then it may still be written; 0 as above. */
  incompleteGraceMs: number
  /** The source is looked through so often even without news. */
  rescanMs: number
  /** The first pause after a failure; each further one is twice as long … */
  firstRetryMs: number
  /** … up to this. */
  longestRetryMs: number
}

/** The longest pause after failures, where nothing else is said. */
export const LONGEST_RETRY_MS = 300_000
