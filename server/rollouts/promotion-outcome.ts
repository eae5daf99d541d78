import { isDeepStrictEqual } from 'node:util'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'
import { withoutSteps } from './begin-rollout.ts'
import { hasWayBack, type Rollout } from './rollout.ts'

/**
 * What a promotion comes to.
 *
 * - `rollout`: one begins, in place of any that is under way.
 * - `abort`: "going back to what is stable during a rollout is an abort" (docs/rollouts.md).
 * - `unchanged`: the tag is there already, or a rollout brings it there; "the same promotion sent once more starts nothing
 *   anew" (docs/rollouts.md).
 */
export type PromotionOutcome = 'rollout' | 'abort' | 'unchanged'

/** A promotion, and what it meets. */
export interface PromotionQuestion {
  readonly to: Target
  /** What the tag points at; null: it does not exist. */
  readonly tagAt: Target | null
  readonly underWay: Rollout | null
  readonly isRollback: boolean
  /** @see RequestedMove.isHasty */
  readonly isHasty?: boolean | undefined
  /** The policy of this promotion alone, undefined where it has none. */
  readonly policy: RolloutPolicy | undefined
}

/** Says what a promotion comes to. Pure: the same for the promotion itself and for who only thinks about it. */
export function promotionOutcome(question: PromotionQuestion): PromotionOutcome {
  const { to, tagAt, underWay } = question
  if (underWay === null) return tagAt?.release === to.release ? 'unchanged' : 'rollout'
  if (underWay.from?.release === to.release) {
    return underWay.state === 'reverting' && !isHastened(underWay, question) ? 'unchanged' : 'abort'
  }
  return isRepeated(underWay, question) ? 'unchanged' : 'rollout'
}

function isRepeated(rollout: Rollout, question: PromotionQuestion): boolean {
  const { to, isRollback, policy } = question
  if (rollout.to.release !== to.release || rollout.state === 'reverting') return false
  // One that is paused only who looked at why has go on; but whoever rolls back wants the bots to go back.
  if (isRollback) return rollout.state === 'running' && rollout.tagMoved && !isHastened(rollout, question)
  if (policy === undefined) return true
  return isDeepStrictEqual(rollout.policy, isStepless(rollout) ? withoutSteps(policy) : policy)
}

/** Whether bots would come sooner than a rollout under way lets them. */
function isHastened({ hasty, policy }: Rollout, { isHasty = false }: PromotionQuestion): boolean {
  return isHasty && !hasty && (policy.maxUpdating !== null || policy.drain > 0)
}

/** Whether a rollout took no steps whatever its policy had: it goes back, or its bytes were stable already (`policyOfMove`). */
function isStepless(rollout: Rollout): boolean {
  return rollout.isRollback === true || (rollout.from !== null && !hasWayBack(rollout))
}
