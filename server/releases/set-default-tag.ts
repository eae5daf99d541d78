import { DomainError } from '../errors/errors.ts'
import type { Model } from './model.ts'
import { findModelOrRefuse } from './find-or-refuse.ts'
import type { TagChange, TagMover } from './tag-mover.ts'

/**
 * Says which tag a pull without a tag means. Bots that pull without one get the release of the new tag, within its
 * `maxUpdating`.
 *
 * @param by Who says so.
 * @throws DomainError `model-not-found`, `default-tag-missing`; `rollout-under-way` where a rollout of the old or the new tag
 *   holds bots back.
 */
export async function setDefaultTag(
  { tagMover }: { tagMover: TagMover },
  model: string,
  tag: string,
  by: string,
): Promise<Model> {
  return tagMover.changeTags(model, (change) => changeDefaultTag(change, model, tag, by))
}

/** As {@link setDefaultTag}, inside a change that is under way. */
export async function changeDefaultTag(
  change: TagChange,
  model: string,
  tag: string,
  by: string,
): Promise<Model> {
  const { catalog } = change
  const before = await findModelOrRefuse(catalog, model)
  const next = await catalog.findTag(model, tag)
  if (next === undefined) {
    throw new DomainError(
      'default-tag-missing',
      `The model "${model}" has no tag "${tag}"; promote a release to it first.`,
      { model, tag },
    )
  }
  if (before.defaultTag === tag) return before
  change.refuseDuringRollout(before.defaultTag)
  change.refuseDuringRollout(tag)
  await catalog.setDefaultTag(model, tag)
  const old = await catalog.findTag(model, before.defaultTag)
  if (old?.digest !== next.digest) await change.adoptBots(tag, by)
  return findModelOrRefuse(catalog, model)
}
