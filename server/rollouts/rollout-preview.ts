import type { Amount, RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { stepSizes } from './amount.ts'
import { stepTargets } from './begin-rollout.ts'
import { doubtfulIfChosen } from './doubtful-members.ts'
import { freezeMembers } from './membership.ts'
import { planPromotion, type PlanQuestion } from './plan-promotion.ts'
import { promotionOutcome, type PromotionOutcome } from './promotion-outcome.ts'
import { isLost } from './unit.ts'

/** Bots of a step that are named. */
const MOST_NAMED = 10

/** What a promotion would come to if it began now: `--dry-run`. */
export interface RolloutPreview {
  /** What bots would go back to if it came to nothing; null: there is nothing else. */
  readonly from: number | null
  readonly to: number
  readonly outcome: PromotionOutcome
  /** By which it would be brought out; that of a rollback has no steps. */
  readonly policy: RolloutPolicy
  /** As a rollout would have them, also where none begins: the last one has every bot. */
  readonly steps: readonly PreviewedStep[]
  /** Bots that are silent beyond their window: no step has them. */
  readonly lost: readonly string[]
  /** Bots that do not count as evidence: served, never judged. */
  readonly notEvidence: readonly string[]
  /** Bots whose failures would prove nothing in a step before the last, see `doubtfulMembers`: they would have it wait for a person. */
  readonly doubtful: readonly string[]
  /** The rollout under way that it would replace or abort; null: none. */
  readonly replaces: string | null
}

/** One step of a rollout that has not begun. */
export interface PreviewedStep {
  readonly target: Amount
  /** How many bots it would have. */
  readonly bots: number
  /** Some of those that it has; none where only its beginning draws which they are. */
  readonly first: readonly string[]
}

/** What a preview is worked out from. */
export interface PreviewQuestion extends PlanQuestion {
  /** Whether the policy is of this promotion alone. */
  readonly hasOwnPolicy: boolean
}

/** Says what a rollout would come to if it began now. Pure. */
export function previewRollout(question: PreviewQuestion): RolloutPreview {
  const { policy, tagAt, to, underWay, units, isRollback, isHasty, hasOwnPolicy } = question
  const own = hasOwnPolicy ? policy : undefined
  const outcome = promotionOutcome({ to, tagAt, underWay, isRollback, isHasty, policy: own })
  const plan = planPromotion(question)
  const targets = stepTargets(plan)
  const candidates = freezeMembers('', '100%', [], units).toSorted()
  const sizes = stepSizes(targets, candidates.length)
  const isDrawn = sizes.some((bots) => bots < candidates.length)
  const steps = targets.map((target, index): PreviewedStep => ({
    target,
    bots: sizes[index] ?? 0,
    first: isDrawn || index > 0 ? [] : candidates.slice(0, MOST_NAMED),
  }))
  const evidence = units.filter(({ isEvidence }) => isEvidence)
  return {
    from: plan.from?.release ?? null,
    to: to.release,
    outcome,
    policy: plan.policy,
    steps,
    lost: evidence.filter(isLost).map(({ id }) => id),
    notEvidence: units.filter(({ isEvidence }) => !isEvidence).map(({ id }) => id),
    doubtful: isDrawn ? doubtfulIfChosen(units) : [],
    replaces: outcome === 'unchanged' ? null : (underWay?.id ?? null),
  }
}
