import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Model } from './model.ts'
import type { Release } from './release.ts'
import { LATEST, type Tag } from './tag.ts'

/** @throws DomainError `model-not-found` */
export async function findModelOrRefuse(catalog: CatalogReader, model: string): Promise<Model> {
  const found = await catalog.findModel(model)
  if (found !== undefined) return found
  throw new DomainError('model-not-found', `There is no model "${model}"; the first publish creates it.`, {
    model,
  })
}

/** @throws DomainError `model-not-found`, `release-not-found` */
export async function findReleaseOrRefuse(
  catalog: CatalogReader,
  model: string,
  number: number,
): Promise<Release> {
  const found = await catalog.findRelease(model, number)
  if (found !== undefined) return found
  await findModelOrRefuse(catalog, model)
  throw new DomainError('release-not-found', `The model "${model}" has no release ${number}.`, {
    model,
    number,
  })
}

/** @throws DomainError `model-not-found`, `tag-not-found` */
export async function findTagOrRefuse(catalog: CatalogReader, model: string, tag: string): Promise<Tag> {
  const found = await catalog.findTag(model, tag)
  if (found !== undefined) return found
  await findModelOrRefuse(catalog, model)
  throw new DomainError('tag-not-found', `The model "${model}" has no tag "${tag}".`, { model, tag })
}

/** @throws DomainError `tag-reserved` where the tag is `latest` */
export function refuseReservedTag(tag: string): void {
  if (tag !== LATEST) return
  throw new DomainError(
    'tag-reserved',
    'The tag "latest" moves by itself with each publish; promote a tag of your own, or roll latest back.',
    { tag },
  )
}
