import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** How long something is new, in milliseconds: a double press is over by then, and its reader has seen what opened. */
const NEW = 500

/** Whether what is drawn has just come: a press may have been meant for what was there before. */
export function useIsNew(): boolean {
  const isNew = useSignal(true)
  useEffect(() => {
    const timer = setTimeout(() => {
      isNew.value = false
    }, NEW)
    return () => {
      clearTimeout(timer)
    }
  }, [])
  return isNew.value
}
