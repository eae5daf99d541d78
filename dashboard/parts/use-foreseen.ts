import { useSignal, type Signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Action, Condition } from '../actions/action.ts'
import { refusalInWords } from '../actions/refusal-in-words.ts'
import type { Api } from '../api/api.ts'

/** What the server says before an action is done. */
export interface Foreseen {
  /** What it will do; `waiting` until the server has said so, `undecided` where it did not say what the action is decided on. */
  readonly says: readonly string[] | 'waiting' | 'none' | 'undecided'
  /** What the action is decided on: it is not done where that has changed since. */
  readonly condition: Condition | undefined
}

/** Asks the server, when the dialog opens, what an action will do, and what it is decided on. @param problem Is told why it did not say. */
export function useForeseen(action: Action, api: Api, problem: Signal<string>): Foreseen {
  const says = useSignal<Foreseen['says']>(
    action.foresee === undefined && action.readCondition === undefined ? 'none' : 'waiting',
  )
  const condition = useSignal<Condition | undefined>(undefined)
  useEffect(() => {
    // The condition first: what is foreseen then is of that or of something newer, which the server refuses.
    const prepare = async (): Promise<readonly string[]> => {
      condition.value = await action.readCondition?.(api)
      return (await action.foresee?.(api)) ?? []
    }
    prepare().then(
      (sentences) => {
        says.value = sentences
      },
      (error: unknown) => {
        // Without what it is decided on, it would be done whatever somebody else has done meanwhile.
        const hasCondition = action.readCondition === undefined || condition.value !== undefined
        says.value = hasCondition ? 'none' : 'undecided'
        problem.value = refusalInWords(error)
      },
    )
  }, [])
  return { says: says.value, condition: condition.value }
}
