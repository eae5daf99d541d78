import type { TagReader } from '../catalog/tags.ts'
import { DomainError } from '../errors/errors.ts'

/** What one publish may set, and what a model may have: each tag is a name that bots and people know. */
export const MOST_TAGS_OF_A_PUBLISH = 20
const MOST_TAGS_OF_A_MODEL = 100

/** @throws DomainError `too-many-tags` where a publish sets more tags than people can tell apart. */
export function requireFewTags(tags: readonly string[]): void {
  if (new Set(tags).size <= MOST_TAGS_OF_A_PUBLISH) return
  throw new DomainError(
    'too-many-tags',
    `A publish sets at most ${MOST_TAGS_OF_A_PUBLISH} tags; this one names ${new Set(tags).size}.`,
    { limit: MOST_TAGS_OF_A_PUBLISH },
  )
}

/**
 * Asked before a tag is created; tags that are there can always be moved.
 *
 * @throws DomainError `too-many-tags` where the model has as many as it may.
 */
export async function requireRoomForTag(catalog: TagReader, model: string, tag: string): Promise<void> {
  if ((await catalog.countTags(model)) < MOST_TAGS_OF_A_MODEL) return
  throw new DomainError(
    'too-many-tags',
    `The model "${model}" has ${MOST_TAGS_OF_A_MODEL} tags already, the most that a model may have: "${tag}" was not created. ` +
      'Delete tags that nothing pulls.',
    { model, tag, limit: MOST_TAGS_OF_A_MODEL },
  )
}
