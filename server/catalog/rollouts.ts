import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Digest } from '../releases/release.ts'
import type { Rollout } from '../rollouts/rollout.ts'
import type { PageOf } from './page-of.ts'

/** Questions about rollouts, the policies of tags, and releases that were taken back. */
export interface RolloutReader {
  /** At most one for each tag. @param only Of this model, or of these; undefined: of all models. */
  listRolloutsUnderWay(only?: string | readonly string[]): Promise<Rollout[]>
  findRollout(model: string, id: string): Promise<Rollout | undefined>
  /** The one of the tag that has not ended. */
  findRolloutUnderWay(model: string, tag: string): Promise<Rollout | undefined>
  /** The last begun first; the position of a rollout is its id as a number. @param tag undefined: of all tags. */
  listRollouts(model: string, tag: string | undefined, page: PageOf<number>): Promise<Rollout[]>
  /** Those that changed behind that number (`FleetReader.listFleetRevisions`), ended or not. */
  listChangedRollouts(model: string, after: number): Promise<Rollout[]>
  /** The policies of tags that have one of their own. @param model undefined: of all models. */
  listTagPolicies(model?: string): Promise<TagPolicy[]>
  findQuarantine(model: string, digest: Digest): Promise<Quarantine | undefined>
  listQuarantine(model: string): Promise<(Quarantine & { digest: Digest })[]>
}

/** Changes of rollouts. Those of policies raise the revision of the model. */
export interface RolloutWriter {
  /**
   * Makes room for a rollout that is about to begin, and gives it its id.
   *
   * @throws DomainError `catalog-busy` where another rollout of the tag has not ended, which whoever asks did not know of.
   */
  reserveRollout(model: string, tag: string, startedAt: number): Promise<string>
  /** Keeps the last word on a rollout that room was made for, and numbers that change. */
  saveRollout(rollout: Rollout): Promise<void>
  /** Has promoting these bytes need force; the last reason stays. */
  quarantine(model: string, digest: Digest, quarantine: Quarantine): Promise<void>
  /** Has these bytes be like any others again. */
  endQuarantine(model: string, digest: Digest): Promise<void>
  /** @param policy null: the default. @throws DomainError `tag-not-found` */
  setTagPolicy(model: string, tag: string, policy: RolloutPolicy | null): Promise<void>
  /** Drops rollouts that ended before that. @param before Milliseconds since 1970. */
  forgetEndedRollouts(before: number): Promise<void>
}

/** How releases are brought out on a tag. */
export interface TagPolicy {
  readonly model: string
  readonly tag: string
  readonly policy: RolloutPolicy
}

/** Since when, in milliseconds since 1970, and why a release must not be promoted without force. */
export interface Quarantine {
  readonly at: number
  readonly reason: string
}
