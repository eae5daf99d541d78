import { formatArchiveTag } from '../../protocol/entity-tag.ts'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { unlessMissing } from './if-readable.ts'
import { listReleases } from './releases.ts'
import { readTagState, requireUnchanged, type TagState } from './tag-state.ts'

/** The tag that each publish moves. */
export const LATEST = 'latest'

/** What a publish may change of a model, before it is sent. */
export interface PublishState {
  /** The number of its newest release; 0: it has none. */
  readonly newest: number
  /** The tags that the release is for, and `latest`. */
  readonly tags: ReadonlyMap<string, TagState>
}

/** Reads what a publish for some tags may change. @throws PullFailure but where there is no such model */
export async function readPublishState(
  client: ApiClient,
  model: string,
  tags: readonly string[],
): Promise<PublishState> {
  const newest = (await newestOf(client, model))?.number ?? 0
  const states = new Map<string, TagState>()
  for (const tag of [...tags, LATEST]) states.set(tag, await readTagState(client, { model, tag }))
  return { newest, tags: states }
}

/**
 * Refuses to publish once more where something has happened to one of the tags since, or something else was published: by then the same bytes
 * would be one more release, and take the place of what somebody has chosen.
 *
 * @param digest Of the archive that is published.
 * @returns Header fields that have the server refuse it, too, where something else is published at the last moment.
 * @throws PullFailure `conflict`
 */
export async function requireUnpublished(
  client: ApiClient,
  model: string,
  before: PublishState,
  digest: () => Promise<string>,
): Promise<Record<string, string>> {
  for (const [tag, state] of before.tags) await requireUnchanged(client, { model, tag }, state)
  const newest = await newestOf(client, model)
  if (newest !== undefined && newest.number > before.newest && newest.digest !== (await digest())) {
    const text = `${model} has another release, #${newest.number}, since this was sent`
    throw new PullFailure('conflict', text, { again: false, mayBeDone: true })
  }
  const latest = before.tags.get(LATEST)?.tag
  return latest === undefined ? {} : { 'if-match': formatArchiveTag({ digest: latest.digest }) }
}

/**
 * The number of the release that a publish made, or found to be the newest one already; undefined where there is none.
 *
 * @param digest Of the archive that was published.
 */
export async function findPublished(
  client: ApiClient,
  model: string,
  before: PublishState,
  digest: string,
): Promise<number | undefined> {
  const newest = await newestOf(client, model)
  if (newest === undefined) return undefined
  const most = Math.max(1, newest.number - before.newest + 1)
  const since = await listReleases(client, model, most)
  return since.find((each) => each.digest === digest && each.number >= before.newest)?.number
}

async function newestOf(
  client: ApiClient,
  model: string,
): Promise<{ number: number; digest: string } | undefined> {
  return (await unlessMissing(listReleases(client, model, 1)))?.[0]
}
