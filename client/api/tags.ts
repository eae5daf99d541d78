import { pageSchema } from '../../protocol/page.ts'
import { tagMoveSchema, type TagMove } from '../../protocol/tag.ts'
import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import type { ApiClient } from './api-client.ts'
import { knownMovedTagSchema, knownTagSchema, type KnownMovedTag, type KnownTag } from './known-schemas.ts'
import { listAll } from './list-all.ts'

const tagPage = pageSchema('TagPage', knownTagSchema)
const tagMovePage = pageSchema('TagMovePage', tagMoveSchema)

/** A tag of a model. */
export interface TagAddress {
  model: string
  tag: string
}

export function tagPath({ model, tag }: TagAddress): string {
  return `api/v1/models/${encodeURIComponent(model)}/tags/${encodeURIComponent(tag)}`
}

export function readTag(client: ApiClient, address: TagAddress): Promise<KnownTag> {
  return client.call({ method: 'GET', path: tagPath(address) }, knownTagSchema)
}

/** Deletes a tag; its history stays. Not repeated: once it is gone, it would not be found. */
export function deleteTag(client: ApiClient, address: TagAddress): Promise<void> {
  return client.callWithoutContent({
    method: 'DELETE',
    path: tagPath(address),
    repeatable: false,
    shownBy: `slipway tags ${address.model}`,
  })
}

export function listTags(client: ApiClient, model: string): Promise<KnownTag[]> {
  return listAll(client, `api/v1/models/${encodeURIComponent(model)}/tags`, tagPage)
}

export function listTagMoves(client: ApiClient, address: TagAddress): Promise<TagMove[]> {
  return listAll(client, `${tagPath(address)}/history`, tagMovePage)
}

/** How a promotion is meant. */
export interface PromotionTerms {
  reason?: string | undefined
  /** For this promotion alone. */
  policy?: PolicyFields | undefined
  /** Also where the release was taken back before. */
  force?: true | undefined
}

/** Brings a release out on a tag. */
export function promote(
  client: ApiClient,
  address: TagAddress,
  release: number,
  terms: PromotionTerms = {},
): Promise<KnownMovedTag> {
  return client.call(
    {
      method: 'PUT',
      path: tagPath(address),
      json: { release, ...terms },
      shownBy: `slipway tags ${address.model}@${address.tag}`,
    },
    knownMovedTagSchema,
  )
}

/** How a rollback is meant. */
export interface RollbackTerms extends Omit<PromotionTerms, 'policy'> {
  /** All bots at once, without `maxUpdating` and `drain`. */
  now?: true | undefined
}

/**
 * Points a tag where it was before, or at `release`. Not repeated: each call without a release goes one further
 * back.
 */
export function rollBack(
  client: ApiClient,
  address: TagAddress,
  release?: number,
  terms: RollbackTerms = {},
): Promise<KnownMovedTag> {
  return client.call(
    {
      method: 'POST',
      path: `${tagPath(address)}/rollback`,
      json: { release, ...terms },
      repeatable: release !== undefined,
      shownBy: `slipway tags ${address.model}@${address.tag}`,
    },
    knownMovedTagSchema,
  )
}
