import type { BlobStore } from '../blobs/blob-store.ts'
import type { CatalogWriter } from '../catalog/catalog.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findReleaseOrRefuse, findTagOrRefuse, refuseReservedTag } from './find-or-refuse.ts'
import { requireBlob } from './require-blob.ts'
import { requireRoomForTag } from './tag-limits.ts'
import type { MoveOutcome, PolicyFields } from './tag-mover.ts'
import type { Tag } from './tag.ts'
import { warnOfOlderRasa, type TagWarning } from './warn-of-older-rasa.ts'

export interface PromoteDependencies extends ChangeDependencies {
  blobs: BlobStore
  clock: Clock
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

export interface Promoted {
  /** Where it points now; a rollout that has begun may move it later. */
  tag: Tag
  outcome: MoveOutcome
  /** What whoever moved it should look at. */
  warnings: TagWarning[]
}

/**
 * Points a tag at a release.
 *
 * The blob is looked for before the change: a slow bucket holds up nobody else. It cannot go meanwhile, as long as the
 * release is there, which the change makes sure of.
 *
 * @throws DomainError `tag-reserved`, `model-not-found`, `release-not-found`, `blob-missing`, `too-many-tags`, and what
 *   `requireExpected` throws.
 */
export async function promoteRelease(
  dependencies: PromoteDependencies,
  promotion: Promotion,
): Promise<Promoted> {
  const { blobs, catalog, clock } = dependencies
  const { model, tag, release } = promotion
  refuseReservedTag(tag)
  const before = await catalog.findTag(model, tag)
  promotion.requireExpected?.(before)
  const target = await findReleaseOrRefuse(catalog, model, release)
  if (before?.release === release) return { tag: before, outcome: 'unchanged', warnings: [] }
  await requireBlob(blobs, target)
  return changeModel(dependencies, model, (writer) => pointTag(clock, writer, promotion))
}

/**
 * As {@link promoteRelease}, inside a change that is under way, for any tag, and for a release whose blob was seen.
 *
 * @throws DomainError `model-not-found`, `release-not-found`, `too-many-tags`, and what `requireExpected` throws.
 */
export async function pointTag(
  clock: Clock,
  catalog: CatalogWriter,
  { model, tag, release, by, reason, requireExpected }: Promotion,
): Promise<Promoted> {
  const before = await catalog.findTag(model, tag)
  requireExpected?.(before)
  if (before?.release === release) return { tag: before, outcome: 'unchanged', warnings: [] }
  const target = await findReleaseOrRefuse(catalog, model, release)
  const from = before && (await catalog.findReleaseSummary(model, before.release))
  const warning = warnOfOlderRasa(tag, from, target)
  if (before === undefined) await requireRoomForTag(catalog, model, tag)
  await catalog.moveTag(model, tag, release, {
    movedAt: instantOf(clock),
    movedBy: by,
    reason: reason ?? null,
  })
  return {
    tag: await findTagOrRefuse(catalog, model, tag),
    outcome: before === undefined ? 'created' : 'moved',
    warnings: warning === undefined ? [] : [warning],
  }
}
