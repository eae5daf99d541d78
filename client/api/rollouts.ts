import { isDeepStrictEqual } from 'node:util'
import { pageSchema } from '../../protocol/page.ts'
import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import { rolloutSchema, rolloutSummarySchema } from '../../protocol/rollout.ts'
import type { Rollout, RolloutSummary } from '../../protocol/rollout.ts'
import type { ApiClient } from './api-client.ts'
import { changeAsRead } from './change-as-read.ts'
import { knownRolloutPreviewSchema, knownTagSchema } from './known-schemas.ts'
import type { KnownRolloutPreview, KnownTag } from './known-schemas.ts'
import { ifReadable } from './if-readable.ts'
import { listAll } from './list-all.ts'
import { tagPath, type TagAddress } from './tags.ts'
import { wasRefusedAgain } from './was-refused-again.ts'

const rolloutPage = pageSchema('RolloutPage', rolloutSummarySchema)

/** What people do to a rollout. */
export type RolloutCommand = 'pause' | 'resume' | 'advance' | 'abort' | 'retry'

function rolloutsPath(model: string): string {
  return `api/v1/models/${encodeURIComponent(model)}/rollouts`
}

/** The rollouts of a model, the last begun first. @param tag undefined: of all its tags. */
export function listRollouts(
  client: ApiClient,
  model: string,
  tag: string | undefined,
  most: number,
): Promise<RolloutSummary[]> {
  return listAll(client, rolloutsPath(model), rolloutPage, most, { tag })
}

/** One rollout, with the names of its bots. */
export function readRollout(client: ApiClient, model: string, id: string): Promise<Rollout> {
  const path = `${rolloutsPath(model)}/${encodeURIComponent(id)}`
  return client.call({ method: 'GET', path }, rolloutSchema)
}

/** Which of them may be done twice: `advance` would pass two steps, and `resume` and `retry` would go on over a pause of somebody. */
const REPEATABLE: Record<RolloutCommand, boolean | 'while-undone'> = {
  pause: true,
  resume: 'while-undone',
  advance: false,
  // In haste, too: a second one means to wait for the bots no longer only when it comes a minute after the first.
  abort: true,
  retry: 'while-undone',
}

/** Where a rollout is after it was done. */
const REACHED: Partial<Record<RolloutCommand, readonly Rollout['state'][]>> = {
  pause: ['paused'],
  abort: ['reverting', 'aborted', 'reverted'],
}

/**
 * Does something to a rollout. What cannot be done twice, and was done by the attempt whose answer was lost, is done.
 *
 * @param terms `step` counts from 0: where another one is under way, nothing is done.
 */
export async function steerRollout(
  client: ApiClient,
  { model, tag, id }: Pick<RolloutSummary, 'model' | 'tag' | 'id'>,
  command: RolloutCommand,
  terms: { reason?: string | undefined; now?: true | undefined; step?: number },
): Promise<Rollout> {
  const path = `${rolloutsPath(model)}/${encodeURIComponent(id)}/${command}`
  const repeatable = REPEATABLE[command]
  const shownBy = `slipway rollout ${model}@${tag}`
  try {
    return await client.call({ method: 'POST', path, json: terms, repeatable, shownBy }, rolloutSchema)
  } catch (error) {
    const now = wasRefusedAgain(error)
      ? await ifReadable(client, (reader) => readRollout(reader, model, id))
      : undefined
    if (now === undefined || REACHED[command]?.includes(now.state) !== true) throw error
    return now
  }
}

/** Says how the releases of a tag are brought out. @param policy null: the default. */
export function setPolicy(
  client: ApiClient,
  address: TagAddress,
  policy: PolicyFields | null,
  headers: Record<string, string> = {},
): Promise<KnownTag> {
  const shownBy = `slipway policy ${address.model}@${address.tag}`
  return client.call(
    { method: 'PATCH', path: tagPath(address), json: { policy }, headers, shownBy },
    knownTagSchema,
  )
}

/** Changes some fields of a tag's policy; the others stay, also what somebody else changes at the same time. */
export function changePolicy(
  client: ApiClient,
  address: TagAddress,
  fields: PolicyFields,
): Promise<KnownTag> {
  return changeAsRead(client, tagPath(address), knownTagSchema, {
    send: ({ policy }, headers) => setPolicy(client, address, { ...policy, ...fields }, headers),
    isDone: ({ policy }) => isDeepStrictEqual({ ...policy, ...fields }, policy),
  })
}

/** A promotion that somebody thinks about, or a rollback: without `release`, to where one leads that names none. */
export type PreviewedMove =
  | { release: number; policy?: PolicyFields | undefined }
  | { rollback: true; release?: number | undefined; now?: true | undefined }

/** What a promotion or a rollback would come to now. */
export function previewMove(
  client: ApiClient,
  address: TagAddress,
  move: PreviewedMove,
): Promise<KnownRolloutPreview> {
  const path = `${tagPath(address)}/preview`
  return client.call({ method: 'POST', path, json: move }, knownRolloutPreviewSchema)
}
