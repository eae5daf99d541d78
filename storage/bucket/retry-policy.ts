/** How long a store in the cloud is waited for. Milliseconds. */
export interface RetryPolicy {
  /** How often one request is made before it counts as failed. */
  attempts: number
  /** The pause before the second attempt; each further one is twice as long, up to `longestPause`. */
  firstPause: number
  longestPause: number
  /** How long one request may make no progress: neither an answer nor, of an upload, a block that was taken. */
  answerTimeout: number
  /** How long a body may stand still while somebody waits for its next bytes. */
  stallTimeout: number
  /**
   * How long after its last progress a request of an upload is begun again, however many attempts that takes: all bytes
   * are here already, and a store may just be restarting.
   */
  uploadRetryTime: number
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  firstPause: 200,
  longestPause: 5000,
  answerTimeout: 30_000,
  stallTimeout: 30_000,
  uploadRetryTime: 60_000,
}
