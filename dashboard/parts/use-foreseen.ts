import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Action, Condition, Decision } from '../actions/action.ts'
import { refusalOfReading, type Refusal } from '../actions/refusal-in-words.ts'
import type { Api } from '../api/api.ts'

/** What the server says before an action is done. */
export interface Foreseen {
  /** What it will do; `waiting` until the server has said so, `undecided` where it did not say what the action is decided on. */
  readonly says: readonly string[] | 'waiting' | 'none' | 'undecided'
  /** What the action is decided on: it is not done where that has changed since. */
  readonly condition: Condition | undefined
  /** What it comes to; undefined where it names nothing of that. */
  readonly decision: Decision | undefined
  /** Why the server did not say. */
  readonly refusal: Refusal | null
  readonly askAgain: () => void
}

/** Asks the server, when the dialog opens, what an action will do, and what it is decided on. */
export function useForeseen(action: Action, api: Api): Foreseen {
  const isAsked = [action.foresee, action.decide, action.readCondition].some((ask) => ask !== undefined)
  const says = useSignal<Foreseen['says']>(isAsked ? 'waiting' : 'none')
  const condition = useSignal<Condition | undefined>(undefined)
  const decision = useSignal<Decision | undefined>(undefined)
  const refusal = useSignal<Refusal | null>(null)
  const ask = async (): Promise<void> => {
    says.value = 'waiting'
    refusal.value = null
    try {
      // The condition first: what is foreseen then is of that or of something newer, which the server refuses.
      condition.value = await action.readCondition?.(api)
      decision.value = await action.decide?.(api)
      says.value = decision.value?.says ?? (await action.foresee?.(api)) ?? []
    } catch (error) {
      // Without what it is decided on, it would be done whatever somebody else has done meanwhile.
      const hasCondition = action.readCondition === undefined || condition.value !== undefined
      const isDecided = action.decide === undefined || decision.value !== undefined
      says.value = hasCondition && isDecided ? 'none' : 'undecided'
      refusal.value = refusalOfReading(error)
    }
  }
  useEffect(() => {
    if (isAsked) void ask()
  }, [])
  return {
    says: says.value,
    condition: condition.value,
    decision: decision.value,
    refusal: refusal.value,
    askAgain() {
      void ask()
    },
  }
}
