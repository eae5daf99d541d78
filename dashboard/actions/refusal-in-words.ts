import { ApiProblem } from '../api/api.ts'

/** Codes of a condition that does not hold: what was decided on is not so any more. */
const CHANGED = ['precondition-failed', 'tag-exists']

/** Why something was not done, as the reader is told. */
export function refusalInWords(error: unknown): string {
  if (error instanceof ApiProblem && CHANGED.includes(error.code)) {
    return 'Nothing was done: somebody else changed it since you opened this. Close it, look at how it is now, and decide again.'
  }
  return error instanceof Error ? error.message : String(error)
}
