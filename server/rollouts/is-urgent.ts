import type { Advanced } from './effect.ts'

/**
 * Whether a change of a rollout is written down also where the disk is full, in the room that is kept for that: only what has bots keep, or get
 * back, what works. Another step would take the room in which it could be taken back.
 */
export function isUrgent({ rollout: { state } }: Pick<Advanced, 'rollout'>): boolean {
  return state === 'reverting' || state === 'paused'
}
