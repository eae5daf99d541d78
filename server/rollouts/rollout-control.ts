import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Quarantine } from '../catalog/rollouts.ts'
import type { PolicyFields } from '../releases/tag-mover.ts'
import type { Digest } from '../releases/release.ts'
import type { Tag } from '../releases/tag.ts'
import type { RolloutPreview } from './rollout-preview.ts'
import type { Rollout } from './rollout.ts'
import type { RolloutCommand, Steering } from './steer-rollout.ts'

/** Names a rollout, and says what somebody wants done with it. */
export interface RolloutOrder extends Steering {
  readonly model: string
  readonly id: string
  readonly command: RolloutCommand
}

/** How a tag's releases shall be brought out from now on. */
export interface PolicyChange {
  readonly model: string
  readonly tag: string
  /** null: the default, `immediate`. */
  readonly policy: PolicyFields | null
  readonly by: string
  /** @see Promotion.requireExpected */
  readonly requireExpected?: ((tag: Tag | undefined) => void) | undefined
}

/** A promotion that somebody thinks about. */
export interface PreviewedPromotion {
  readonly model: string
  readonly tag: string
  readonly release: number
  readonly policy?: PolicyFields | undefined
}

/** What people do to rollouts and policies. Promoting and rolling back: `releases/promote-release`, `roll-back-tag`. */
export interface RolloutControl {
  /**
   * Pauses, resumes, advances, aborts or tries again.
   *
   * @throws DomainError `rollout-not-found`; `rollout-state` where it has ended, or its state does not allow it.
   */
  steer(order: RolloutOrder): Promise<Rollout>

  /**
   * Sets or resets the policy of a tag; a rollout under way goes on by the one that it began with. Fields that are
   * missing get their defaults.
   *
   * @throws DomainError `policy-invalid` with the field in `data.field`; `model-not-found`, `tag-not-found`
   */
  setPolicy(change: PolicyChange): Promise<{ tag: Tag; policy: RolloutPolicy }>

  /** How releases are brought out on a tag; the default where nothing was said. */
  policyOf(model: string, tag: string): RolloutPolicy

  /** The rollout of a tag that has not ended. */
  findUnderWay(model: string, tag: string): Rollout | null

  /**
   * Says what a promotion would come to if it began now, and changes nothing.
   *
   * @throws DomainError `model-not-found`, `release-not-found`, `policy-invalid`
   */
  preview(promotion: PreviewedPromotion): Promise<RolloutPreview>

  /** Since when and why these bytes need force to be promoted; undefined: they do not. */
  findQuarantine(model: string, digest: Digest): Promise<Quarantine | undefined>
}
