import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** How long something is new, in milliseconds: a double press is over by then, and its reader has seen what opened. */
const NEW = 500

/**
 * Whether what is drawn has just come: a press may have been meant for what was there before.
 *
 * @param what Stands for what is drawn: it is new again where this is another value.
 */
export function useIsNew(what: string): boolean {
  const seen = useSignal('')
  useEffect(() => {
    const timer = setTimeout(() => {
      seen.value = what
    }, NEW)
    return () => {
      clearTimeout(timer)
    }
  }, [what])
  return seen.value !== what
}
