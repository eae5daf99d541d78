import type { Catalog, CatalogWriter } from '../catalog/catalog.ts'
import type { Digest } from './release.ts'

/** Fields of a rollout policy as somebody sent them; what is missing is as the tag has it. */
export type PolicyFields = Readonly<Record<string, unknown>>

/** Where a tag shall go, and on whose word. */
export interface RequestedMove {
  readonly tag: string
  readonly to: { readonly number: number; readonly digest: Digest }
  readonly by: string
  /** What they say of it; null: nothing. */
  readonly reason: string | null
  /** What it is; a promotion where nothing is said. "A rollback skips steps, soak and probes" (docs/rollouts.md). */
  readonly kind?: 'promotion' | 'rollback' | 'publish'
  /** For this move alone; without it the tag's own policy. */
  readonly policy?: PolicyFields | undefined
  /** Also to a release that was taken back before, which is like any other from then on. */
  readonly force?: boolean | undefined
  /** Whether it is a rollback that names no release: where it comes to an abort, it needs no force. */
  readonly namesNone?: boolean
  /** Without `maxUpdating` and `drain`, as `abort --now` goes back. */
  readonly isHasty?: boolean
}

/**
 * What a move came to.
 *
 * - `created`, `moved`: the tag points there.
 * - `begun`: a rollout began; the tag moves with its last step.
 * - `aborted`: the release was what is stable while a rollout of another was under way, which goes back.
 * - `unchanged`: the tag, or its rollout, is there already.
 */
export type MoveOutcome = 'created' | 'moved' | 'begun' | 'aborted' | 'unchanged'

/** One atomic change of a model, in which tags may move. */
export interface TagChange {
  readonly catalog: CatalogWriter
  /**
   * Brings a release out on a tag, as the policy says.
   *
   * @throws DomainError `release-quarantined`, `policy-invalid`, `too-many-tags`
   */
  move(move: RequestedMove): Promise<MoveOutcome>
  /**
   * Brings out what a tag points at on bots that will poll it from now on, at once but within `maxUpdating`.
   *
   * @param by Who has it so.
   */
  adoptBots(tag: string, by: string): Promise<void>
  /**
   * Deletes a tag with its policy.
   *
   * @throws DomainError `tag-not-found`; `rollout-under-way` where bots would be left between two releases.
   */
  delete(tag: string, by: string): Promise<void>
  /** @throws DomainError `rollout-under-way` where a rollout of the tag holds bots back or brings them back. */
  refuseDuringRollout(tag: string): void
  /**
   * Sees to it that no rollout needs a release that is about to be deleted.
   *
   * @param deleted Tags that this change deleted, with their rollouts.
   * @throws DomainError `release-in-use` where one brings it out, or may go back to it.
   */
  giveUpRelease(number: number, deleted?: readonly string[]): Promise<void>
}

/** Moves tags: how a promotion reaches the bots is for the rollouts to say. */
export interface TagMover {
  /**
   * Makes one atomic change of a model, and lets polls see it once it is durable. Changes of one model happen one after
   * the other.
   *
   * @param catalog To write through, where room must be freed for it; the usual one by default.
   * @throws whatever `work` or the catalog throws; nothing has changed then.
   */
  changeTags<Result>(
    model: string,
    work: (change: TagChange) => Promise<Result>,
    catalog?: Catalog,
  ): Promise<Result>
}
