import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'

/**
 * How long a command waits for a cloud, in milliseconds: somebody waits for the command. All attempts at one request
 * end within 30 s, and so do those at an upload with the end of its parts, counted from the last byte that the cloud took.
 */
export const cloudRetryPolicy: RetryPolicy = {
  ...defaultRetryPolicy,
  answerTimeout: 6_000,
  longestPause: 2_000,
  stallTimeout: 10_000,
  uploadRetryTime: 22_000,
}
