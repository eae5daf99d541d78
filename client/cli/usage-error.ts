import { PullFailure } from '../failure.ts'

/** A wrong use of a command: exit code 2. */
export function usageError(message: string): PullFailure {
  return new PullFailure('configuration', message)
}
