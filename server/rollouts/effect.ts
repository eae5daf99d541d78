import type { Target } from '../fleet/process-record.ts'
import type { Rollout, Step } from './rollout.ts'

/**
 * What has to be done because a rollout changed, in the transaction that stores it.
 *
 * - `move-tag`: point the tag there, and write who and why into its history.
 * - `quarantine`: promoting the release again needs force, by digest.
 * - `forget-failures`: drop what is known of failures of the release, for every process of the tag.
 * - `probe`: ask the unit; the result comes back through `noteProbe`.
 * - `changed`: raise `rollout.changed`.
 * - `alert`: a person must know, although nothing was concluded for others.
 */
export type Effect =
  | { readonly kind: 'move-tag'; readonly to: Target; readonly by: string; readonly reason: string | null }
  | { readonly kind: 'quarantine'; readonly target: Target; readonly reason: string }
  | { readonly kind: 'forget-failures'; readonly target: Target }
  | { readonly kind: 'probe'; readonly unit: string; readonly bot: string; readonly target: Target }
  | {
      readonly kind: 'changed'
      readonly state: Rollout['state']
      readonly step: number
      /** Of that step: a rollout that is `done` was completed only where its last one passed. */
      readonly stepState: Step['state'] | null
      readonly reason: string | null
      /** Whether it begins: a first step that was paused is `running` once more when somebody resumes it. */
      readonly began: boolean
    }
  | { readonly kind: 'alert'; readonly reason: string }

/** Who moved a tag, where nobody did. */
export const SLIPWAY = 'slipway'

/** A rollout after something, and what follows from it. */
export interface Advanced {
  readonly rollout: Rollout
  readonly effects: readonly Effect[]
}
