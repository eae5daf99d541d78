import { useSignal, type Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** What stands in a field: what the server says, until somebody types something else, which stays whatever it says then. */
export function useDraft<Value>(said: Value): Signal<Value> {
  const draft = useSignal(said)
  const before = useRef(said)
  useEffect(() => {
    if (draft.value === before.current) draft.value = said
    before.current = said
  }, [said])
  return draft
}
