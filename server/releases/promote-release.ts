import type { BlobStore } from '../blobs/blob-store.ts'
import type { KnownDamage } from '../coordination/known-damage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { endOf, type EndOfRollout } from './end-of-rollout.ts'
import { findReleaseOrRefuse, findTagOrRefuse, refuseReservedTag } from './find-or-refuse.ts'
import { requireBlob } from './require-blob.ts'
import type { MoveOutcome, PolicyFields, RequestedMove, TagChange, TagMover } from './tag-mover.ts'
import type { Tag } from './tag.ts'
import type { TagWarning } from './tag-warning.ts'
import { warnOfOlderRasa } from './warn-of-older-rasa.ts'
import { warnOfSkippedSteps } from './warn-of-skipped-steps.ts'
import { warnOfPause } from './warn-of-pause.ts'
import { warnOfBegunWayBack } from './warn-of-way-back.ts'

export interface PromoteDependencies {
  blobs: BlobStore
  catalog: Catalog
  /** Blobs that are known to be damaged: no bot could load them. */
  damaged: KnownDamage
  tagMover: TagMover
  /** For what brings bots back, which cannot wait for room on a full disk; missing: the usual one. */
  urgentCatalog?: Catalog
}

/** Which tag shall point where, and who says so. */
export interface Promotion {
  model: string
  tag: string
  release: number
  by: string
  reason?: string | undefined
  /** Throws where the tag is not as the caller expects it; makes the move a compare-and-set. */
  requireExpected?: ((tag: Tag | undefined) => void) | undefined
  /** @see RequestedMove.policy */
  policy?: PolicyFields | undefined
  /** @see RequestedMove.force */
  force?: boolean | undefined
}

export interface Promoted extends EndOfRollout {
  /** Where it points now; a rollout that has begun may move it later. */
  tag: Tag
  /** The release that it pointed at before; null where it pointed at none. */
  from: number | null
  outcome: MoveOutcome
  /** What whoever moved it should look at. */
  warnings: TagWarning[]
}

/**
 * Brings a release out on a tag: at once, or step by step, as the policy says.
 *
 * The blob is looked for before the change: a slow bucket holds up nobody else. It cannot go meanwhile, as long as the
 * release is there, which the change makes sure of.
 *
 * @throws DomainError `tag-reserved`, `model-not-found`, `release-not-found`, `release-quarantined`, `policy-invalid`,
 *   `blob-missing`, `blob-damaged`, `too-many-tags`, and what `requireExpected` throws.
 */
export async function promoteRelease(
  dependencies: PromoteDependencies,
  promotion: Promotion,
): Promise<Promoted> {
  const { catalog, tagMover, urgentCatalog } = dependencies
  const { model, tag, release } = promotion
  refuseReservedTag(tag)
  const before = await catalog.findTag(model, tag)
  promotion.requireExpected?.(before)
  const target = await findReleaseOrRefuse(catalog, model, release)
  const underWay = await catalog.findRolloutUnderWay(model, tag)
  if (before?.release !== release) await requireBlob(dependencies, target)
  else if (underWay === undefined) {
    return { tag: before, from: release, outcome: 'unchanged', warnings: [] }
  }
  // To where the tag is, it ends what leads away from there: that works on a full disk, as an abort does.
  const isWayBack = before?.release === release && underWay !== undefined && underWay.to.release !== release
  const through = isWayBack ? urgentCatalog : undefined
  return tagMover.changeTags(model, (change) => moveTag(change, promotion), through)
}

/**
 * As {@link promoteRelease}, inside a change that is under way, for any tag, and for a release whose blob was seen.
 *
 * @throws DomainError `model-not-found`, `release-not-found`, `too-many-tags`, and what `requireExpected` throws.
 */
export async function moveTag(
  change: TagChange,
  {
    model,
    release,
    requireExpected,
    reason,
    ...move
  }: Promotion & Pick<RequestedMove, 'kind' | 'namesNone' | 'isHasty'>,
): Promise<Promoted> {
  const { catalog } = change
  const { tag } = move
  const before = await catalog.findTag(model, tag)
  requireExpected?.(before)
  const target = await findReleaseOrRefuse(catalog, model, release)
  const from = before && (await catalog.findReleaseSummary(model, before.release))
  const underWay = await catalog.findRolloutUnderWay(model, tag)
  const outcome = await change.move({ ...move, to: target, reason: reason ?? null })
  const isNews = outcome !== 'unchanged' && outcome !== 'aborted'
  const older = isNews ? warnOfOlderRasa(tag, from, target) : undefined
  const pause = outcome === 'unchanged' ? warnOfPause(underWay, release) : undefined
  const now = await findTagOrRefuse(catalog, model, tag)
  const end = outcome === 'unchanged' || underWay === undefined ? {} : endOf(underWay, release, move.kind)
  // Where it aborted a rollout, the bots ran that release before.
  const isOnward = move.kind === 'rollback' && move.namesNone !== true && isNews && end.aborted === undefined
  const skipped =
    isOnward && before !== undefined
      ? await warnOfSkippedSteps(catalog, before, release, { isDone: true })
      : undefined
  const back = outcome === 'begun' ? warnOfBegunWayBack(before, now, release) : undefined
  return {
    tag: now,
    from: before?.release ?? null,
    outcome,
    warnings: [back, skipped, older, pause].filter((warning) => warning !== undefined),
    ...end,
  }
}
