import { pageSchema } from '../../protocol/page.ts'
import { tagMoveSchema, type TagMove } from '../../protocol/tag.ts'
import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import { PullFailure } from '../failure.ts'
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

/**
 * Brings a release out on a tag. Where no answer comes it is sent again, but only to a tag that is where it was at first: somebody
 * may have rolled back meanwhile what the first one did.
 */
export async function promote(
  client: ApiClient,
  address: TagAddress,
  release: number,
  terms: PromotionTerms = {},
): Promise<KnownMovedTag> {
  const before = await readTagIfAny(client, address)
  try {
    return await client.call(
      {
        method: 'PUT',
        path: tagPath(address),
        json: { release, ...terms },
        repeatHeaders:
          before?.entityTag === undefined ? { 'if-none-match': '*' } : { 'if-match': before.entityTag },
        shownBy: `slipway tags ${address.model}@${address.tag}`,
      },
      knownMovedTagSchema,
    )
  } catch (error) {
    if (!(error instanceof PullFailure) || error.kind !== 'conflict' || !error.mayBeDone) throw error
    const now = await readTag(client, address)
    if (!leadsTo(now, release)) throw error
    return { ...now, from: before?.value.release ?? null }
  }
}

async function readTagIfAny(client: ApiClient, address: TagAddress) {
  try {
    return await client.callTagged({ method: 'GET', path: tagPath(address) }, knownTagSchema)
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'not-found') return undefined
    throw error
  }
}

function leadsTo({ release: at, rollout }: KnownTag, release: number): boolean {
  return rollout == null ? at === release : rollout.state !== 'reverting' && rollout.to === release
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
