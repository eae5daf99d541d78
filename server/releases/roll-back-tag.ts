import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import { changeModel } from './change-model.ts'
import { findReleaseOrRefuse, findTagOrRefuse } from './find-or-refuse.ts'
import { pointTag, type PromoteDependencies, type Promoted } from './promote-release.ts'
import { requireBlob } from './require-blob.ts'
import { releaseBefore } from './rollback.ts'
import type { Tag } from './tag.ts'

/** More moves than anybody rolls back through. */
const REMEMBERED_MOVES = 10_000

/** Each attempt fails only where somebody else moved the tag meanwhile. */
const MOST_ATTEMPTS = 5

/** Which tag goes back, and who says so. */
export interface Rollback {
  model: string
  tag: string
  /** Where to; without it, to where the tag was before. */
  release?: number | undefined
  by: string
  reason?: string | undefined
  /** @see Promotion.requireExpected */
  requireExpected?: ((tag: Tag | undefined) => void) | undefined
}

/**
 * Takes a tag back to an earlier release; `latest` too, until the next publish.
 *
 * Where it goes is found, and the blob looked for, before the change; the change happens only where the tag is still
 * where it was then.
 *
 * @throws DomainError `model-not-found`, `tag-not-found`, `release-not-found`, `nothing-to-roll-back`, `blob-missing`,
 *   `catalog-busy` where others move the tag again and again, and what `requireExpected` throws.
 */
export async function rollBackTag(dependencies: PromoteDependencies, rollback: Rollback): Promise<Promoted> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const outcome = await tryToRollBack(dependencies, rollback)
    if (outcome !== 'moved-meanwhile') return outcome
  }
  const { model, tag } = rollback
  throw new DomainError('catalog-busy', `Others keep moving the tag "${tag}" of "${model}". Try again.`, {
    model,
    tag,
  })
}

async function tryToRollBack(
  dependencies: PromoteDependencies,
  rollback: Rollback,
): Promise<Promoted | 'moved-meanwhile'> {
  const { blobs, catalog, clock } = dependencies
  const { model, tag } = rollback
  const before = await findTagOrRefuse(catalog, model, tag)
  rollback.requireExpected?.(before)
  const release = rollback.release ?? (await findReleaseBefore(catalog, model, tag))
  const target = await findReleaseOrRefuse(catalog, model, release)
  if (before.release === release) return { tag: before, outcome: 'unchanged', warnings: [] }
  await requireBlob(blobs, target)
  return changeModel(dependencies, model, async (writer) => {
    const now = await writer.findTag(model, tag)
    if (now?.sequence !== before.sequence) return 'moved-meanwhile'
    return pointTag(clock, writer, { ...rollback, release, reason: rollback.reason ?? 'rolled back' })
  })
}

async function findReleaseBefore(catalog: CatalogReader, model: string, tag: string): Promise<number> {
  const targets = await catalog.listTagTargets(model, tag, { limit: REMEMBERED_MOVES })
  const release = releaseBefore(targets.reverse())
  if (release !== undefined) return release
  throw new DomainError(
    'nothing-to-roll-back',
    `The tag "${tag}" of "${model}" pointed at no other release before that still exists; name the release to go back to (slipway rollback ${model}@${tag} RELEASE, or {"release": n} over HTTP).`,
    { model, tag },
  )
}
