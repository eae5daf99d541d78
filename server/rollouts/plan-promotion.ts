import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'
import { policyOfMove } from './begin-rollout.ts'
import { isSameWayBack, stableRelease, type StableQuestion } from './stable-release.ts'

/** A promotion, and what it meets. */
export interface PlanQuestion extends StableQuestion {
  /** The one that it asks for. */
  readonly policy: RolloutPolicy
  readonly isRollback: boolean
  /** Without `maxUpdating` and `drain`. */
  readonly isHasty?: boolean
}

/** The rollout that a promotion would begin. */
export interface PromotionPlan {
  /** @see Rollout.from */
  readonly from: Target | null
  /** By which it is brought out. */
  readonly policy: RolloutPolicy
  readonly isRollback: boolean
}

/** Says which rollout a promotion begins. Pure: the same for the promotion itself and for who only thinks about it. */
export function planPromotion(question: PlanQuestion): PromotionPlan {
  const { to, policy, isHasty = false } = question
  const stable = stableRelease(question)
  // Sent again, a rollback is one as well: steps would take bots that came back to what was rejected.
  const isRollback = question.isRollback || isSameWayBack(question)
  return {
    // Where nothing was before, the release that a person tries once more is all there is.
    from: stable?.release === to.release ? null : stable,
    policy: policyOfMove(policy, { stable, to, isRollback, isHasty }),
    isRollback,
  }
}
