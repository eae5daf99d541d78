import type { Catalog } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Tag } from './tag.ts'
import { findModelOrRefuse, findTagOrRefuse, refuseReservedTag } from './find-or-refuse.ts'
import type { TagChange, TagMover } from './tag-mover.ts'

/** Which tag goes, and who says so. */
export interface TagDeletion {
  model: string
  tag: string
  by: string
  /** @see Promotion.requireExpected */
  requireExpected?: ((tag: Tag | undefined) => void) | undefined
}

/**
 * Deletes a tag; its history stays.
 *
 * @param dependencies.urgentCatalog To write through, as a tag may be what keeps an archive from being pruned on a full disk; missing: the usual one.
 * @throws DomainError `tag-reserved`, `tag-is-default`, `model-not-found`, `tag-not-found`, `rollout-under-way`
 */
export async function deleteTag(
  { tagMover, urgentCatalog }: { tagMover: TagMover; urgentCatalog?: Catalog },
  { model, tag, by, requireExpected }: TagDeletion,
): Promise<void> {
  refuseReservedTag(tag)
  const work = async (change: TagChange): Promise<void> => {
    const { catalog } = change
    const { defaultTag } = await findModelOrRefuse(catalog, model)
    requireExpected?.(await findTagOrRefuse(catalog, model, tag))
    if (defaultTag === tag) {
      throw new DomainError(
        'tag-is-default',
        `"${tag}" is the default tag of "${model}"; give the model another default tag first.`,
        { model, tag },
      )
    }
    await change.delete(tag, by)
  }
  await tagMover.changeTags(model, work, urgentCatalog)
}
