import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { ifReadable } from './if-readable.ts'
import { LATEST, type PublishState } from './publish-state.ts'
import { changeOf, leadsTo, readTagState, type TagState } from './tag-state.ts'

/** What was asked for, and what is known of it. */
interface Published {
  model: string
  /** The tags that were asked for. */
  tags: readonly string[]
  /** The release that it has become. */
  number: number
  before: PublishState
}

/**
 * Says what became of a publish that was done, but whose answer was lost.
 *
 * @returns What is to be said of `latest` where only other tags were asked for.
 * @throws PullFailure `conflict` where a tag that was asked for does not lead to the release
 */
export async function whatBecame(
  client: ApiClient,
  { model, tags, number, before }: Published,
): Promise<string | undefined> {
  const faults = new Map<string, string>()
  for (const tag of new Set([...tags, LATEST])) {
    const now = await ifReadable(client, (reader) => readTagState(reader, { model, tag }))
    const fault = faultOf(`${model}@${tag}`, number, before.tags.get(tag), now)
    if (fault !== undefined) faults.set(tag, fault)
  }
  const asked = tags.length === 0 ? [LATEST] : tags
  if (!asked.some((tag) => faults.has(tag))) return faults.get(LATEST)
  const leading = asked.filter((tag) => !faults.has(tag)).map((tag) => `${model}@${tag}`)
  const good =
    leading.length === 0 ? '' : `and ${leading.join(', ')} ${leading.length === 1 ? 'leads' : 'lead'} to it, `
  const text = `${model}#${number} was published, ${good}but ${[...faults.values()].join('; ')}`
  throw new PullFailure('conflict', text, { again: false })
}

/** Why a tag does not lead to a release, and what to do; undefined where it does. */
function faultOf(
  where: string,
  number: number,
  before: TagState | undefined,
  now: TagState | undefined,
): string | undefined {
  if (now === undefined || before === undefined)
    return `whether ${where} leads to it could not be read: look with "slipway rollout ${where}"`
  const isLatest = where.endsWith(`@${LATEST}`)
  const at = now.tag
  if (at !== undefined && (leadsTo(at, number) || (isLatest && at.release > number))) return undefined
  const change = changeOf(before, now)
  // Only a rollback moves latest by hand.
  const bring = `slipway ${isLatest ? 'rollback' : 'promote'} ${where} ${number}`
  if (change === undefined) return `${where} was not moved to it: ${bring}`
  const wasTakenBack = now.lastRollout?.to === number && now.lastRollout.state !== 'replaced'
  return wasTakenBack
    ? `it was taken back from ${where} since: look with "slipway rollout ${where}"; if it is still wanted, ${bring}`
    : `${where} ${change} since by somebody: look with "slipway rollout ${where}"; if it is still wanted, ${bring}`
}
