import type { Bot } from './bot.ts'
import type { PullAccess } from './independence.ts'

/** How long a bot must have been seen running a release, where pulls need a token: milliseconds. */
export const SETTLED_AFTER = 10 * 60_000

/**
 * "A bot counts as evidence when it was seen to load a release before the rollout began, or, where pulls need a
 * token, was seen running one for ten minutes" (docs/rollouts.md). Whoever merely polls proves nothing.
 *
 * @param before When the rollout began, milliseconds since 1970.
 * @param now What was seen later than that was seen before the clock was set back.
 */
export function countsAsEvidence(
  { provenAt, settledAt }: Pick<Bot, 'provenAt' | 'settledAt'>,
  before: number,
  { needsToken }: PullAccess,
  now: number,
): boolean {
  if (provenAt !== null && (provenAt < before || provenAt > now)) return true
  return needsToken && settledAt !== null
}
