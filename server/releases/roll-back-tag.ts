import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import { releaseBefore } from './rollback.ts'
import type { Tag, TagMove } from './tag.ts'
import { changeModel } from './change-model.ts'
import { findTagOrRefuse } from './find-or-refuse.ts'
import { pointTag, type PromoteDependencies, type Promoted } from './promote-release.ts'

/** More moves than anybody rolls back through. */
const REMEMBERED_MOVES = 10_000

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
 * @throws DomainError `model-not-found`, `tag-not-found`, `release-not-found`, `nothing-to-roll-back`, `blob-missing`
 */
export async function rollBackTag(dependencies: PromoteDependencies, rollback: Rollback): Promise<Promoted> {
  const { model, tag } = rollback
  return changeModel(dependencies, model, async (catalog) => {
    await findTagOrRefuse(catalog, model, tag)
    const release = rollback.release ?? (await findReleaseBefore(catalog, model, tag))
    return pointTag(dependencies, catalog, { ...rollback, release, reason: rollback.reason ?? 'rolled back' })
  })
}

async function findReleaseBefore(catalog: CatalogReader, model: string, tag: string): Promise<number> {
  const moves = (await catalog.tagHistory(model, tag, { limit: REMEMBERED_MOVES })).reverse()
  const release = releaseBefore(moves, await existing(catalog, model, moves))
  if (release !== undefined) return release
  throw new DomainError(
    'nothing-to-roll-back',
    `The tag "${tag}" of "${model}" pointed at no other release before that still exists; name one with {"release": n}.`,
    { model, tag },
  )
}

async function existing(
  catalog: CatalogReader,
  model: string,
  moves: readonly TagMove[],
): Promise<(release: number) => boolean> {
  const numbers = new Set(moves.flatMap(({ to }) => (to === null ? [] : [to])))
  const found = new Set<number>()
  for (const number of numbers)
    if ((await catalog.findRelease(model, number)) !== undefined) found.add(number)
  return (release) => found.has(release)
}
