import { pageSchema } from '../../protocol/page.ts'
import { tagMoveSchema, type TagMove } from '../../protocol/tag.ts'
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

export function listTags(client: ApiClient, model: string): Promise<KnownTag[]> {
  return listAll(client, `api/v1/models/${encodeURIComponent(model)}/tags`, tagPage)
}

export function listTagMoves(client: ApiClient, address: TagAddress): Promise<TagMove[]> {
  return listAll(client, `${tagPath(address)}/history`, tagMovePage)
}

/** Points a tag at a release. */
export function promote(
  client: ApiClient,
  address: TagAddress,
  release: number,
  reason?: string,
): Promise<KnownMovedTag> {
  return client.call(
    { method: 'PUT', path: tagPath(address), json: { release, reason } },
    knownMovedTagSchema,
  )
}

/**
 * Points a tag where it was before, or at `release`. Not repeated: each call without a release goes one further
 * back.
 */
export function rollBack(
  client: ApiClient,
  address: TagAddress,
  release?: number,
  reason?: string,
): Promise<KnownMovedTag> {
  return client.call(
    {
      method: 'POST',
      path: `${tagPath(address)}/rollback`,
      json: { release, reason },
      repeatable: release !== undefined,
    },
    knownMovedTagSchema,
  )
}
