import { PullFailure } from '../failure.ts'

/** Whether what was sent once more was refused, as what was sent first, or somebody, had changed something since. */
export function wasRefusedAgain(error: unknown): boolean {
  return error instanceof PullFailure && error.kind === 'conflict' && error.mayBeDone
}
