import type { Advanced } from './effect.ts'
import type { RolloutState } from './rollout.ts'

const URGENT: readonly RolloutState[] = ['paused', 'reverting', 'reverted', 'aborted']

/**
 * Whether a change of a rollout is written down also where the disk is full, in the room that is kept for that: only what has bots keep, or get
 * back, what works. Another step would take the room in which it could be taken back.
 */
export function isUrgent({ rollout: { state, isRollback } }: Pick<Advanced, 'rollout'>): boolean {
  return isRollback === true || URGENT.includes(state)
}
