import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import type { ApiClient } from './api-client.ts'
import { knownMovedTagSchema, type KnownMovedTag, type KnownTag } from './known-schemas.ts'
import { ifReadable } from './if-readable.ts'
import { leadsTo, readTagState, requireUnchanged, type TagState } from './tag-state.ts'
import { tagPath, type TagAddress } from './tags.ts'
import { wasRefusedAgain } from './was-refused-again.ts'

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

/** Milliseconds: a server that starts again is there by then. What is sent without a look must not be sent again where a proxy gives no answer. */
const LONGEST_READ = 20_000

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

/** A promotion waits until the tag can be read. A rollback goes out without that, as a way back must not depend on it; but not again where it may have been done. */
async function move(
  client: ApiClient,
  address: TagAddress,
  release: number,
  call: {
    method: 'PUT' | 'POST'
    path: string
    json: PromotionTerms & RollbackTerms & { release?: number | undefined }
  },
): Promise<KnownMovedTag> {
  const named = { ...call, shownBy: shownBy(address) }
  const read = (reader: ApiClient) => readTagState(reader, address)
  const before =
    call.method === 'PUT'
      ? await read(client)
      : await ifReadable(client, read, { atMost: LONGEST_READ, isQuiet: false })
  if (before === undefined) return client.call({ ...named, repeatable: 'while-undone' }, knownMovedTagSchema)
  const mayGoOn = call.method === 'POST'
  const beforeRepeat = (reader: ApiClient) => requireUnchanged(reader, address, before, { mayGoOn })
  try {
    return await client.call({ ...named, beforeRepeat }, knownMovedTagSchema)
  } catch (error) {
    const now = wasRefusedAgain(error) ? await ifReadable(client, read) : undefined
    if (now?.tag === undefined || !leadsTo(now.tag, release)) throw error
    // In haste it would be done only by an abort that is as hasty.
    const isAbort = call.json.now !== true && wasTakenBack(before, now)
    if (!isAnew(now.tag, before) && !isAbort) throw error
    return { ...now.tag, from: before.tag?.release ?? null }
  }
}

/** Whether a tag was moved, or a rollout of it begun: one that leads to the release may have been under way before, and paused since. */
function isAnew({ movedAt, rollout }: KnownTag, { tag, lastRollout }: TagState): boolean {
  return movedAt !== tag?.movedAt || (rollout != null && rollout.id !== lastRollout?.id)
}

/** Whether the rollout under way was taken back meanwhile, be it by a colleague: what aborts a canary does not move the tag. */
function wasTakenBack({ lastRollout: before }: TagState, { lastRollout: now }: TagState): boolean {
  const wasUnderWay = before?.state === 'running' || before?.state === 'paused'
  const isTakenBack = ['reverting', 'aborted', 'reverted'].includes(now?.state ?? '')
  return wasUnderWay && isTakenBack && before.id === now?.id
}

/** Where bots are taken back from a canary the tag stays as it is. */
function shownBy({ model, tag }: TagAddress): string {
  return `slipway rollout ${model}@${tag}`
}
