import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Failure } from '../fleet/process-record.ts'

/** What decides when a process is left alone. */
export type BreakerTerms = Pick<RolloutPolicy, 'attempts' | 'retry'>

/** Transfers fail for reasons of the network: more of them are tried. */
const TRANSFERS = 5

/** Whether a release failed often enough to be given up, and by what. */
export function givenUp(
  failure: Failure | undefined,
  { attempts }: BreakerTerms,
): 'loads' | 'transfers' | undefined {
  if (failure === undefined) return undefined
  if (failure.loads >= attempts) return 'loads'
  return failure.transfers >= Math.max(TRANSFERS, attempts) ? 'transfers' : undefined
}

/**
 * Whether a process is left alone now: "`attempts` failed loads of a release before a process is left alone with what
 * it runs; `retry` seconds until such a process is offered that release once more" (docs/rollouts.md).
 */
export function isLeftAlone(failure: Failure | undefined, terms: BreakerTerms, now: number): boolean {
  // A failure in the future: the clock was set back. Nobody is left alone for longer by that.
  return givenUp(failure, terms) !== undefined && Math.abs(now - (failure?.lastAt ?? 0)) < terms.retry * 1000
}
