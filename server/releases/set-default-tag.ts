import { DomainError } from '../errors/errors.ts'
import type { Model } from './model.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findModelOrRefuse } from './find-or-refuse.ts'

/**
 * Says which tag a pull without a tag means.
 *
 * @throws DomainError `model-not-found`, `default-tag-missing`
 */
export async function setDefaultTag(
  dependencies: ChangeDependencies,
  model: string,
  tag: string,
): Promise<Model> {
  return changeModel(dependencies, model, async (catalog) => {
    await findModelOrRefuse(catalog, model)
    if ((await catalog.findTag(model, tag)) === undefined) {
      throw new DomainError(
        'default-tag-missing',
        `The model "${model}" has no tag "${tag}"; promote a release to it first.`,
        { model, tag },
      )
    }
    await catalog.setDefaultTag(model, tag)
    return findModelOrRefuse(catalog, model)
  })
}
