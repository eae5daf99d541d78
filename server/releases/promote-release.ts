import { instantOf, type Clock } from '../time/clock.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { CatalogWriter } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Tag } from './tag.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findReleaseOrRefuse, findTagOrRefuse, refuseReservedTag } from './find-or-refuse.ts'

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
}

export interface Promoted {
  tag: Tag
  outcome: 'created' | 'moved' | 'unchanged'
}

/**
 * Points a tag at a release.
 *
 * @throws DomainError `tag-reserved`, `model-not-found`, `release-not-found`, `blob-missing`, and what
 *   `requireExpected` throws.
 */
export async function promoteRelease(
  dependencies: PromoteDependencies,
  promotion: Promotion,
): Promise<Promoted> {
  refuseReservedTag(promotion.tag)
  return changeModel(dependencies, promotion.model, (catalog) => pointTag(dependencies, catalog, promotion))
}

/** As {@link promoteRelease}, inside a change that is under way, and for any tag. */
export async function pointTag(
  { blobs, clock }: PromoteDependencies,
  catalog: CatalogWriter,
  { model, tag, release, by, reason, requireExpected }: Promotion,
): Promise<Promoted> {
  const before = await catalog.findTag(model, tag)
  requireExpected?.(before)
  const target = await findReleaseOrRefuse(catalog, model, release)
  if (before?.release === release) return { tag: before, outcome: 'unchanged' }
  if ((await blobs.stat(target.digest)) === undefined) throw blobMissing(target.digest, release)
  await catalog.moveTag(model, tag, release, {
    movedAt: instantOf(clock),
    movedBy: by,
    reason: reason ?? null,
  })
  return {
    tag: await findTagOrRefuse(catalog, model, tag),
    outcome: before === undefined ? 'created' : 'moved',
  }
}

function blobMissing(digest: string, release: number): DomainError {
  return new DomainError(
    'blob-missing',
    `The archive of release ${release} is missing from storage; publish the same bytes again to heal it.`,
    { release, digest },
  )
}
