import type { Rollout } from './rollout.ts'

/** UTF-16 units; as long as a reason may be. */
export const LONGEST = 1000

/**
 * Why a tag moves with a step that is not the first: who promoted the release and why, and then what had the step begin. The
 * tag's history would have nothing of the promotion else, as the tag moves with the last step.
 */
export function moveReason({
  startedBy,
  startReason,
  reason,
}: Pick<Rollout, 'startedBy' | 'startReason' | 'reason'>): string {
  const why = startReason === undefined || startReason === null ? '' : `: ${startReason}`
  const evidence = reason === null ? '' : `; ${reason}`
  return cut(`promoted by ${startedBy}${why}`, LONGEST - evidence.length) + evidence
}

/** Ends a text with `…` where it is longer than that, in UTF-16 units. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  // Half a character at the cut is left out.
  return `${text.slice(0, Math.max(0, longest - 1)).replace(/[\ud800-\udbff]$/, '')}…`
}
