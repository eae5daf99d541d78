import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { knownTagSchema, type KnownTag } from './known-schemas.ts'
import { listRollouts } from './rollouts.ts'
import { readTag, tagPath, type TagAddress } from './tags.ts'

/** A tag before something is sent that moves it. */
export interface TagState {
  /** undefined: there was no such tag. */
  readonly tag: KnownTag | undefined
  /** undefined also where a proxy takes it away. */
  readonly entityTag: string | undefined
  /** The id of its last rollout; undefined: it never had one, or the server knows of none. */
  readonly lastRollout: string | undefined
}

/** Reads where a tag is, and what its last rollout was. @throws PullFailure but where there is none */
export async function readTagState(client: ApiClient, address: TagAddress): Promise<TagState> {
  const tagged = await unlessMissing(
    client.callTagged({ method: 'GET', path: tagPath(address) }, knownTagSchema),
  )
  const rollouts = await unlessMissing(listRollouts(client, address.model, address.tag, 1))
  return { tag: tagged?.value, entityTag: tagged?.entityTag, lastRollout: rollouts?.[0]?.id }
}

async function unlessMissing<Found>(reading: Promise<Found>): Promise<Found | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'not-found') return undefined
    throw error
  }
}

/**
 * Refuses to send once more what moves a tag and may have been done, where the tag was moved since, or a rollout of it began: by the first time, or by
 * somebody who may have taken back what that did.
 *
 * @returns Header fields that have the server refuse it, too, where the tag moves at the last moment.
 * @throws PullFailure `conflict`
 */
export async function requireUnchanged(
  client: ApiClient,
  address: TagAddress,
  before: TagState,
): Promise<Record<string, string>> {
  const now = await readTagState(client, address)
  const isMoved = now.tag?.release !== before.tag?.release || now.tag?.movedAt !== before.tag?.movedAt
  if (isMoved || now.lastRollout !== before.lastRollout) {
    const what = isMoved ? 'was moved' : 'has another rollout'
    throw new PullFailure('conflict', `${address.model}@${address.tag} ${what} since this was sent`, {
      again: false,
      mayBeDone: true,
    })
  }
  if (before.tag === undefined) return { 'if-none-match': '*' }
  // A proxy may have made it a weak one, which the server could not compare.
  const entityTag = before.entityTag?.replace(/^W\//, '')
  return entityTag === undefined ? {} : { 'if-match': entityTag }
}

/** A tag that is at a release, or on its way there; undefined where it is not, or nobody can tell. */
export async function findLeading(
  client: ApiClient,
  address: TagAddress,
  release: number,
): Promise<KnownTag | undefined> {
  const tag = await readTag(client, address).catch(() => undefined)
  return tag !== undefined && leadsTo(tag, release) ? tag : undefined
}

/** Whether what was to move a tag was refused because something had happened to the tag since it was sent first. */
export function hasMovedSince(error: unknown): boolean {
  return error instanceof PullFailure && error.kind === 'conflict' && error.mayBeDone
}

function leadsTo({ release: at, rollout }: KnownTag, release: number): boolean {
  if (rollout == null) return at === release
  return rollout.state === 'reverting' ? at === release && rollout.to !== release : rollout.to === release
}
