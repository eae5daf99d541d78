import { DomainError } from '../../errors/errors.ts'

/** A change of a model that does not exist. */
export function noSuchModel(model: string): DomainError {
  return new DomainError('model-not-found', `There is no model "${model}".`, { model })
}

/** A change of, or to, a release that does not exist. */
export function noSuchRelease(model: string, number: number): DomainError {
  return new DomainError('release-not-found', `Model "${model}" has no release ${number}.`, {
    model,
    release: number,
  })
}

/** A tag that does not exist cannot be deleted. */
export function noSuchTag(model: string, tag: string): DomainError {
  return new DomainError('tag-not-found', `Model "${model}" has no tag "${tag}".`, { model, tag })
}

/** A tag never points at nothing. */
export function releaseInUse(model: string, number: number, tag: string): DomainError {
  return new DomainError(
    'release-in-use',
    `Tag "${tag}" points at release ${number} of "${model}". Move the tag first.`,
    { model, release: number, tag },
  )
}
