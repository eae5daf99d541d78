import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Amount } from '../../protocol/rollout-policy.ts'

/** What a promotion would come to if it began now: `--dry-run`. */
export interface RolloutPreview {
  /** The release that is stable; null: the tag does not exist. */
  readonly from: number | null
  readonly to: number
  readonly policy: RolloutPolicy
  readonly steps: readonly PreviewedStep[]
  /** Bots that are silent beyond their window: no step has them. */
  readonly lost: readonly string[]
  /** Bots that do not count as evidence: served, never judged. */
  readonly notEvidence: readonly string[]
  /** The rollout under way that it would replace; null: none. */
  readonly replaces: string | null
}

/** One step of a rollout that has not begun. */
export interface PreviewedStep {
  readonly target: Amount
  /** How many bots it would have. */
  readonly bots: number
  /** Some of those that it has and the step before has not. */
  readonly first: readonly string[]
}
