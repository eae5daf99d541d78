import type { RefusedArchive } from '../events.ts'
import type { Refusal } from './state.ts'

/**
 * How long a refused archive is not fetched again, in milliseconds. Not for ever: what refused it (a bot that was
 * short of memory, say) may be mended, and nobody may be there to tell the puller.
 */
export const REFUSAL_PERIOD = 3_600_000
/** Older refusals beyond so many are forgotten. */
const MOST_REFUSALS = 20

/** The refusals that still count. */
export function activeRefusals(refused: readonly Refusal[], now: number): Refusal[] {
  // A refusal from the future is one that a wrong clock wrote down: it must not count for longer than others.
  return refused.filter(({ at }) => Math.abs(now - Date.parse(at)) < REFUSAL_PERIOD)
}

/** The refusal that still counts for an archive, told by its digest, or by its entity tag where that is all we know. */
export function findRefusal(
  refused: readonly Refusal[],
  { digest, etag }: { digest?: string | undefined; etag?: string | undefined },
  now: number,
): Refusal | undefined {
  return activeRefusals(refused, now).find(
    (each) => each.digest === digest || (digest === undefined && etag !== undefined && each.etag === etag),
  )
}

/** The refusals with one more, newest first, in place of an earlier one of the same archive. */
export function withRefusal(refused: readonly Refusal[], refusal: Refusal): Refusal[] {
  return [refusal, ...refused.filter(({ digest }) => digest !== refusal.digest)].slice(0, MOST_REFUSALS)
}

/** A refusal as events show it. */
export function describeRefusal({ digest, reason, at }: Refusal): RefusedArchive {
  return { digest, reason, at, retryAt: new Date(Date.parse(at) + REFUSAL_PERIOD).toISOString() }
}
