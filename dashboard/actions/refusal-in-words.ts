import { ApiProblem } from '../api/api.ts'

/** Codes of a condition that does not hold: what was decided on is not so any more. */
const CHANGED = ['precondition-failed', 'tag-exists']

/** Why something was not done or not told, as the reader is told. */
export interface Refusal {
  readonly message: string
  /** Whether the sign-in has ended: after another one it can be tried again. */
  readonly isSignedOut: boolean
}

/** Why the server did not tell something. */
export function refusalOfReading(error: unknown): Refusal {
  return { message: messageOf(error), isSignedOut: isSignedOut(error) }
}

/** Why something was not done. */
export function refusalOfDoing(error: unknown): Refusal {
  if (isSignedOut(error))
    return { message: 'Nothing was done: you are not signed in any more.', isSignedOut: true }
  if (!(error instanceof ApiProblem)) return { message: messageOf(error), isSignedOut: false }
  const said = CHANGED.includes(error.code)
    ? 'Nothing was done: somebody else changed it since you opened this. Close it, look at how it is now, and decide again.'
    : isUnanswered(error)
      ? `${error.message} It may have been done all the same: look at the page before you press again.`
      : error.message
  return { message: said, isSignedOut: false }
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401
}

/** Whether nobody knows what became of a call: no answer came, or one of a proxy that had none. */
function isUnanswered({ status, code }: ApiProblem): boolean {
  return status === 0 || (status >= 500 && code === 'unknown')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
