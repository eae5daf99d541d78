import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import type { ApiClient } from './api-client.ts'
import { knownMovedTagSchema, type KnownMovedTag } from './known-schemas.ts'
import { findLeading, hasMovedSince, readTagState, requireUnchanged } from './tag-state.ts'
import { tagPath, type TagAddress } from './tags.ts'

/** How a promotion is meant. */
export interface PromotionTerms {
  reason?: string | undefined
  /** For this promotion alone. */
  policy?: PolicyFields | undefined
  /** Also where the release was taken back before. */
  force?: true | undefined
}

/** Brings a release out on a tag. Where no answer comes it is sent again, but only where nothing happened to the tag since. */
export function promote(
  client: ApiClient,
  address: TagAddress,
  release: number,
  terms: PromotionTerms = {},
): Promise<KnownMovedTag> {
  return move(client, address, release, {
    method: 'PUT',
    path: tagPath(address),
    json: { release, ...terms },
  })
}

/** How a rollback is meant. */
export interface RollbackTerms extends Omit<PromotionTerms, 'policy'> {
  /** All bots at once, without `maxUpdating` and `drain`. */
  now?: true | undefined
}

/**
 * Points a tag where it was before, or at `release`. The former is not repeated: each call goes one further back; the latter as {@link promote}.
 */
export function rollBack(
  client: ApiClient,
  address: TagAddress,
  release?: number,
  terms: RollbackTerms = {},
): Promise<KnownMovedTag> {
  const path = `${tagPath(address)}/rollback`
  const call = { method: 'POST', path, json: { release, ...terms } } as const
  if (release !== undefined) return move(client, address, release, call)
  return client.call({ ...call, repeatable: false, shownBy: shownBy(address) }, knownMovedTagSchema)
}

async function move(
  client: ApiClient,
  address: TagAddress,
  release: number,
  call: { method: 'PUT' | 'POST'; path: string; json: object },
): Promise<KnownMovedTag> {
  const before = await readTagState(client, address)
  const beforeRepeat = () => requireUnchanged(client, address, before)
  try {
    return await client.call({ ...call, beforeRepeat, shownBy: shownBy(address) }, knownMovedTagSchema)
  } catch (error) {
    const now = hasMovedSince(error) ? await findLeading(client, address, release) : undefined
    if (now === undefined) throw error
    return { ...now, from: before.tag?.release ?? null }
  }
}

function shownBy({ model, tag }: TagAddress): string {
  return `slipway tags ${model}@${tag}`
}
