import { instantOf, type Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import type { Tag } from './tag.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findModelOrRefuse, findTagOrRefuse, refuseReservedTag } from './find-or-refuse.ts'

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
 * @throws DomainError `tag-reserved`, `tag-is-default`, `model-not-found`, `tag-not-found`
 */
export async function deleteTag(
  dependencies: ChangeDependencies & { clock: Clock },
  { model, tag, by, requireExpected }: TagDeletion,
): Promise<void> {
  refuseReservedTag(tag)
  await changeModel(dependencies, model, async (catalog) => {
    const { defaultTag } = await findModelOrRefuse(catalog, model)
    requireExpected?.(await findTagOrRefuse(catalog, model, tag))
    if (defaultTag === tag) {
      throw new DomainError(
        'tag-is-default',
        `"${tag}" is the default tag of "${model}"; give the model another default tag first.`,
        { model, tag },
      )
    }
    await catalog.moveTag(model, tag, null, {
      movedAt: instantOf(dependencies.clock),
      movedBy: by,
      reason: 'deleted',
    })
  })
}
