import type { Rollout as WireRollout } from '../../protocol/rollout.ts'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { RolloutCommand } from './steer-rollout.ts'

/** What people do to rollouts and policies, besides promoting. */
export interface RolloutControl {
  /** @throws DomainError `rollout-not-found`; `rollout-state` where its state does not allow the command. */
  steer(order: RolloutOrder): Promise<WireRollout>
  /**
   * Says how releases are brought out on a tag from now on; a rollout under way keeps its policy.
   *
   * @param policy As it came; null: the default again. Keys that are left out are the default's.
   * @throws DomainError `model-not-found`, `tag-not-found`; `policy-invalid`, which names the field.
   */
  setPolicy(model: string, tag: string, policy: unknown): Promise<RolloutPolicy>
  /** How releases are brought out on a tag. */
  policyOf(model: string, tag: string): RolloutPolicy
  /**
   * What promoting would do now (`--dry-run`); changes nothing.
   *
   * @param policy What differs from the tag's policy for this promotion, as it came.
   * @throws DomainError as promoting does.
   */
  preview(promotion: {
    model: string
    tag: string
    release: number
    policy?: unknown
  }): Promise<RolloutPreview>
}

/** What to do to a rollout, who says so, and why. */
export interface RolloutOrder {
  readonly model: string
  readonly id: string
  readonly command: RolloutCommand
  readonly by: string
  readonly reason?: string | undefined
  /** With `abort`: back at once, without `maxUpdating` and `drain` (`--now`). */
  readonly hasty?: boolean | undefined
}

/** The steps that a promotion would have, each with the bots that it would have now. */
export interface RolloutPreview {
  readonly from: number | null
  readonly to: number
  readonly policy: RolloutPolicy
  readonly steps: readonly Pick<WireRollout['steps'][number], 'target' | 'bots'>[]
}
