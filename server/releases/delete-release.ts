import { instantOf, type Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import { changeModel, type ChangeDependencies } from './change-model.ts'
import { findReleaseOrRefuse } from './find-or-refuse.ts'
import { freeDigests } from './free-digests.ts'

/**
 * Deletes a release that no tag points at. Its number is never given again, and its blob goes later, when nothing
 * uses it any more.
 *
 * @throws DomainError `model-not-found`, `release-not-found`, `release-in-use`
 */
export async function deleteRelease(
  dependencies: ChangeDependencies & { clock: Clock },
  model: string,
  number: number,
): Promise<void> {
  await changeModel(dependencies, model, async (catalog) => {
    const { digest } = await findReleaseOrRefuse(catalog, model, number)
    const tags = (await catalog.listTags(model))
      .filter(({ release }) => release === number)
      .map(({ tag }) => tag)
    if (tags.length > 0) {
      throw new DomainError(
        'release-in-use',
        `Release ${number} of "${model}" is what ${tags.join(', ')} points at; move the tag first.`,
        { model, number, tags: tags.join(', ') },
      )
    }
    await catalog.deleteRelease(model, number)
    await freeDigests(catalog, [digest], instantOf(dependencies.clock))
  })
}
