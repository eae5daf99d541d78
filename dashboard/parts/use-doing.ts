import { useSignal, type ReadonlySignal } from '@preact/signals'
import { withInsistence, type Action } from '../actions/action.ts'
import { refusalOfDoing, type Refusal } from '../actions/refusal-in-words.ts'
import { ApiProblem } from '../api/api.ts'

/** An action that is being done, and what came of it. */
export interface Doing {
  readonly isBusy: ReadonlySignal<boolean>
  /** Why it was not done; null: it was not refused. */
  readonly refusal: Refusal | null
  /** What it revealed, which is shown once. */
  readonly secret: string | null
  /** The action as it is done next: after some refusals the reader may insist. */
  readonly next: Action
  readonly start: (chosen: Action) => void
}

/**
 * Does an action when the reader says so.
 *
 * @param act Does it, and resolves to the answer; rejects with what the reader is told.
 * @param finish Told when it is done and has nothing to show.
 */
export function useDoing(
  action: Action,
  act: (action: Action) => Promise<unknown>,
  finish: () => void,
): Doing {
  const isBusy = useSignal(false)
  const refusal = useSignal<Refusal | null>(null)
  const secret = useSignal<string | null>(null)
  const isInsisting = useSignal(false)
  const start = async (chosen: Action): Promise<void> => {
    isBusy.value = true
    refusal.value = null
    try {
      const answer = await act(chosen)
      isBusy.value = false
      if (action.reveal === undefined) finish()
      else secret.value = action.reveal(answer)
    } catch (error) {
      isBusy.value = false
      refusal.value = refusalOfDoing(error)
      if (error instanceof ApiProblem && error.code === action.insist?.code) isInsisting.value = true
    }
  }
  return {
    isBusy,
    refusal: refusal.value,
    secret: secret.value,
    next: isInsisting.value ? withInsistence(action) : action,
    start(chosen) {
      if (!isBusy.value) void start(chosen)
    },
  }
}
