import type { Catalog } from '../catalog/catalog.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import { findReleaseOrRefuse } from './find-or-refuse.ts'
import { freeDigests } from './free-digests.ts'
import type { TagChange, TagMover } from './tag-mover.ts'

/**
 * Deletes a release that no tag points at and no rollout needs. Its number is never given again, and its blob goes later, when nothing
 * uses it any more.
 *
 * @param dependencies.catalog To write through: what frees room must not fail on a full disk.
 * @throws DomainError `model-not-found`, `release-not-found`, `release-in-use`
 */
export async function deleteRelease(
  { catalog, clock, tagMover }: { catalog: Catalog; clock: Clock; tagMover: TagMover },
  model: string,
  number: number,
): Promise<void> {
  const work = async (change: TagChange): Promise<void> => {
    const { catalog } = change
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
    await change.giveUpRelease(number)
    await catalog.deleteRelease(model, number)
    await freeDigests(catalog, [digest], instantOf(clock))
  }
  await tagMover.changeTags(model, work, catalog)
}
