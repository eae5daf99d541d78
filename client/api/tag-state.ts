import type { RolloutSummary } from '../../protocol/rollout.ts'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { unlessMissing } from './if-readable.ts'
import { knownTagSchema, type KnownTag } from './known-schemas.ts'
import { listRollouts } from './rollouts.ts'
import { tagPath, type TagAddress } from './tags.ts'

/** A tag before something is sent that moves it. */
export interface TagState {
  /** undefined: there was no such tag. */
  readonly tag: KnownTag | undefined
  /** undefined also where a proxy takes it away. */
  readonly entityTag: string | undefined
  /** undefined: it never had one, or the server knows of none. */
  readonly lastRollout: Pick<RolloutSummary, 'id' | 'state' | 'to'> | undefined
}

/** Reads where a tag is, and what its last rollout was. @throws PullFailure but where there is none */
export async function readTagState(client: ApiClient, address: TagAddress): Promise<TagState> {
  const tagged = await unlessMissing(
    client.callTagged({ method: 'GET', path: tagPath(address) }, knownTagSchema),
  )
  const rollouts = await unlessMissing(listRollouts(client, address.model, address.tag, 1))
  return { tag: tagged?.value, entityTag: tagged?.entityTag, lastRollout: rollouts?.[0] }
}

/**
 * What has happened to a tag: by what was sent first, or by somebody who may have taken back what that did. A rollout that was going back already
 * is no such thing.
 *
 * @param mayGoOn Whether a rollout that went on to its last step is none either: who goes back wants to go back from there, too.
 * @returns As `was moved`; undefined: nothing.
 */
export function changeOf(before: TagState, now: TagState, mayGoOn = false): string | undefined {
  const isMoved = now.tag?.release !== before.tag?.release || now.tag?.movedAt !== before.tag?.movedAt
  if (isMoved && !(mayGoOn && wentOn(before, now))) return 'was moved'
  if (now.lastRollout?.id !== before.lastRollout?.id) return 'has another rollout'
  const stopped = stopOf(now.lastRollout)
  return stopped === stopOf(before.lastRollout) ? undefined : stopped
}

/** Whether the rollout that was under way moved the tag as its last step began: whoever moves a tag begins another one. */
function wentOn({ lastRollout: before }: TagState, { tag, lastRollout: now }: TagState): boolean {
  return before?.state === 'running' && now?.id === before.id && tag?.release === before.to
}

/** How a rollout was stopped by somebody, or by what its bots showed; undefined where it was not. */
function stopOf(rollout: TagState['lastRollout']): string | undefined {
  switch (rollout?.state) {
    case 'paused':
      return 'had its rollout paused'
    case 'reverting':
    case 'aborted':
    case 'reverted':
      return 'had its rollout taken back'
    case 'replaced':
      return 'had its rollout replaced'
    case 'running':
    case 'done':
    case undefined:
      return undefined
  }
}

/**
 * Refuses to send once more what moves a tag and may have been done, where something has happened to the tag since ({@link changeOf}).
 *
 * @param options.mayGoOn See {@link changeOf}.
 * @returns Header fields that have the server refuse it, too, where the tag moves at the last moment.
 * @throws PullFailure `conflict`
 */
export async function requireUnchanged(
  client: ApiClient,
  address: TagAddress,
  before: TagState,
  { mayGoOn = false } = {},
): Promise<Record<string, string>> {
  const now = await readTagState(client, address)
  const change = changeOf(before, now, mayGoOn)
  if (change !== undefined) {
    throw new PullFailure('conflict', `${address.model}@${address.tag} ${change} since this was sent`, {
      again: false,
      mayBeDone: true,
    })
  }
  return asItIs(now)
}

/** Header fields that have the server refuse a change of a tag that is not as it was read. */
function asItIs({ tag, entityTag }: TagState): Record<string, string> {
  if (tag === undefined) return { 'if-none-match': '*' }
  // A proxy may have made it a weak one, which the server could not compare.
  const strong = entityTag?.replace(/^W\//, '')
  return strong === undefined ? {} : { 'if-match': strong }
}

/** Whether a tag is at a release, or on its way there. */
export function leadsTo({ release: at, rollout }: KnownTag, release: number): boolean {
  if (rollout == null) return at === release
  return rollout.state === 'reverting' ? at === release && rollout.to !== release : rollout.to === release
}
