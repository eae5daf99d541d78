import { pageSchema } from '../../protocol/page.ts'
import { tagMoveSchema, type TagMove } from '../../protocol/tag.ts'
import type { ApiClient } from './api-client.ts'
import { knownTagSchema, type KnownTag } from './known-schemas.ts'
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
