import { nameSome } from '../../protocol/name-some.ts'
import type { Catalog, CatalogReader } from '../catalog/catalog.ts'
import { listEveryRelease } from '../catalog/list-every-release.ts'
import type { ReleaseOutline } from '../catalog/releases.ts'
import { DomainError } from '../errors/errors.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { findModelOrRefuse } from './find-or-refuse.ts'
import { freeDigests } from './free-digests.ts'
import type { Model } from './model.ts'
import { LATEST } from './tag.ts'
import type { TagChange, TagMover } from './tag-mover.ts'

/** SQLite answers on the thread that answers polls: thousands of rows are deleted a few at a time. */
const DELETED_AT_ONCE = 50

export interface DeletionDependencies {
  /** To write through: what frees room must not fail on a full disk. */
  catalog: Catalog
  clock: Clock
  tagMover: TagMover
}

/** Which model goes, and who says so. */
export interface ModelDeletion {
  model: string
  by: string
  /** Also where bots run its releases, or tags of people point at them. */
  force: boolean
  /** Names of the bots that run its releases. */
  runners: () => Promise<readonly string[]>
  /** Throws where the model is not as its sender saw it last. */
  requireExpected?: ((model: Model, catalog: CatalogReader) => Promise<void>) | undefined
}

/** What goes with a model. */
export interface ModelContents {
  model: Model
  releases: readonly ReleaseOutline[]
  tags: readonly string[]
  /** Names of the bots that run its releases. */
  runners: readonly string[]
}

/** @throws DomainError `model-not-found` */
export async function readModelContents(
  catalog: CatalogReader,
  { model: name, runners }: Pick<ModelDeletion, 'model' | 'runners'>,
): Promise<ModelContents> {
  const model = await findModelOrRefuse(catalog, name)
  const tags = (await catalog.listTags(name)).map(({ tag }) => tag)
  return { model, tags, releases: await listEveryRelease(catalog, name), runners: await runners() }
}

/**
 * Deletes a model with its releases and tags. Its numbers are never given again, also where a model of this name is published later;
 * the history of its tags stays, and the blobs go later, when nothing uses them any more.
 *
 * Releases that no tag points at go first, a few at a time; the rest goes with the model, in one transaction. What ends this early
 * leaves a model with its tags.
 *
 * @throws DomainError `model-not-found`, `model-in-use`, `rollout-under-way`, `release-in-use`; whatever `requireExpected` throws
 */
export async function deleteModel(
  dependencies: DeletionDependencies,
  deletion: ModelDeletion,
): Promise<ModelContents> {
  const { catalog, clock, tagMover } = dependencies
  const { model: name } = deletion
  const contents = await readModelContents(catalog, deletion)
  await deletion.requireExpected?.(contents.model, catalog)
  requireUnused(contents, deletion.force)
  const isTagged = new Set((await catalog.listTags(name)).map(({ release }) => release))
  // The oldest first: whatever ends this early has left the newest.
  const untagged = contents.releases.filter(({ number }) => !isTagged.has(number)).toReversed()
  // What is deleted here changes the model: what its sender expected was compared before.
  let requireExpected = deletion.requireExpected
  while (untagged.length > DELETED_AT_ONCE) {
    requireExpected = undefined
    const some = untagged.splice(0, DELETED_AT_ONCE)
    await tagMover.changeTags(
      name,
      async (change) => {
        for (const { number } of some) await change.giveUpRelease(number)
        await deleteRows(change, name, some, clock)
      },
      catalog,
    )
  }
  await tagMover.changeTags(
    name,
    (change) => deleteRest(change, { ...deletion, requireExpected }, contents, clock),
    catalog,
  )
  return contents
}

/** @throws DomainError `model-in-use` */
function requireUnused({ model, tags, runners }: ModelContents, force: boolean): void {
  const ofPeople = tags.filter((tag) => tag !== LATEST)
  if (force || (ofPeople.length === 0 && runners.length === 0)) return
  const reasons = [
    ...(runners.length === 0 ? [] : [`bots run its releases (${nameSome(runners)})`]),
    ...(ofPeople.length === 0 ? [] : [`tags point at its releases (${nameSome(ofPeople)})`]),
  ]
  throw new DomainError(
    'model-in-use',
    `"${model.model}" is in use: ${reasons.join(', and ')}. With force=true (slipway delete … --force) it is deleted all the same; its bots keep what they run until they restart.`,
    { model: model.model, tags: nameSome(ofPeople), bots: runners.length },
  )
}

/** The tags, what is left of the releases, and the model itself. */
async function deleteRest(
  change: TagChange,
  { model: name, by, requireExpected }: ModelDeletion,
  before: ModelContents,
  clock: Clock,
): Promise<void> {
  const { catalog } = change
  const now = await findModelOrRefuse(catalog, name)
  await requireExpected?.(now, catalog)
  const tags = (await catalog.listTags(name)).map(({ tag }) => tag)
  if (now.nextNumber !== before.model.nextNumber || tags.join() !== before.tags.join()) {
    throw new DomainError(
      'model-in-use',
      `"${name}" was changed while it was being deleted: a release was published, or a tag was made. Look again, then repeat it.`,
      { model: name },
    )
  }
  for (const tag of tags) await change.delete(tag, by)
  const rest = await listEveryRelease(catalog, name)
  for (const { number } of rest) await change.giveUpRelease(number, tags)
  await deleteRows(change, name, rest, clock)
  await catalog.deleteModel(name)
  const body = { releases: before.releases.length, tags: before.tags, deletedBy: by }
  await catalog.addEvents([
    { at: clock.now(), kind: 'model.deleted', model: name, tag: null, bot: null, process: null, body },
  ])
}

async function deleteRows(
  { catalog }: TagChange,
  model: string,
  releases: readonly ReleaseOutline[],
  clock: Clock,
): Promise<void> {
  await catalog.deleteReleases(
    model,
    releases.map(({ number }) => number),
  )
  await freeDigests(
    catalog,
    releases.map(({ digest }) => digest),
    instantOf(clock),
  )
}
