import type { Refusal } from '../actions/refusal-in-words.ts'

/** Says why something was not done or not told, and what to do about that. @param askAgain Asks once more; undefined: the reader presses the same button again */
export function RefusalNote({ refusal, askAgain }: { refusal: Refusal; askAgain?: () => void }) {
  return (
    <p class="problem" role="alert">
      {refusal.message}
      {refusal.isSignedOut && (
        <>
          {' '}
          <a href="" target="_blank" rel="noopener">
            Sign in again in another tab
          </a>
          , and come back here.
        </>
      )}
      {askAgain !== undefined && (
        <button type="button" class="small" onClick={askAgain}>
          Ask again
        </button>
      )}
    </p>
  )
}
