import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { deletedModelSchema, type DeletedModel } from '../../protocol/model-deletion.ts'
import { pageSchema } from '../../protocol/page.ts'
import type { Quota } from '../../protocol/quota.ts'
import { statusSchema } from '../../protocol/status.ts'
import type { ApiClient } from './api-client.ts'
import { changeAsRead } from './change-as-read.ts'
import {
  knownModelSchema,
  knownReleaseSchema,
  knownReleaseSummarySchema,
  type KnownModel,
  type KnownRelease,
  type KnownReleaseSummary,
} from './known-schemas.ts'
import { listAll } from './list-all.ts'

const releasePage = pageSchema('ReleasePage', knownReleaseSummarySchema)
const modelPage = pageSchema('ModelPage', knownModelSchema)

/** The newest releases of a model, at most `most`. */
export function listReleases(client: ApiClient, model: string, most: number): Promise<KnownReleaseSummary[]> {
  return listAll(client, `api/v1/models/${encodeURIComponent(model)}/releases`, releasePage, most)
}

/** A release with all that inspection learned. */
export function readRelease(client: ApiClient, model: string, number: number): Promise<KnownRelease> {
  const path = `api/v1/models/${encodeURIComponent(model)}/releases/${number}`
  return client.call({ method: 'GET', path }, knownReleaseSchema)
}

export function readModel(client: ApiClient, model: string): Promise<KnownModel> {
  return client.call({ method: 'GET', path: `api/v1/models/${encodeURIComponent(model)}` }, knownModelSchema)
}

/** Chooses the tag that a pull without a tag means. */
export function setDefaultTag(client: ApiClient, model: string, defaultTag: string): Promise<KnownModel> {
  const path = `api/v1/models/${encodeURIComponent(model)}`
  const shownBy = `slipway default-tag ${model}`
  return client.call({ method: 'PATCH', path, json: { defaultTag }, shownBy }, knownModelSchema)
}

const NO_QUOTA: Quota = { bytes: null, releases: null }

/** Says how much a model may have, in some respects; the others stay, also what somebody else changes at the same time. */
export function changeQuota(client: ApiClient, model: string, limits: Partial<Quota>): Promise<KnownModel> {
  const path = `api/v1/models/${encodeURIComponent(model)}`
  const shownBy = `slipway quota ${model}`
  return changeAsRead(client, path, knownModelSchema, {
    send: ({ quota }, headers) => {
      const json = { quota: { ...NO_QUOTA, ...quota, ...limits } }
      return client.call({ method: 'PATCH', path, json, headers, shownBy }, knownModelSchema)
    },
    isDone: ({ quota }) => isDeepStrictEqual({ ...NO_QUOTA, ...quota, ...limits }, { ...NO_QUOTA, ...quota }),
  })
}

/** Deletes a release. Not repeated: once it is gone, it would not be found. */
export function deleteRelease(client: ApiClient, model: string, number: number): Promise<void> {
  const path = `api/v1/models/${encodeURIComponent(model)}/releases/${number}`
  const shownBy = `slipway releases ${model}`
  return client.callWithoutContent({ method: 'DELETE', path, repeatable: false, shownBy })
}

/** How a model is deleted. */
export interface ModelDeletion {
  /** Only tells what would go. */
  dryRun: boolean
  /** Also where bots run its releases, or tags of people point at them. */
  force?: boolean
  /** The entity tag of the model as it was seen last; it is not deleted where it was changed since. */
  entityTag?: string | undefined
}

/** Deletes a model with its releases and tags. Not repeated: once it is gone, it would not be found. */
export function deleteModel(
  client: ApiClient,
  model: string,
  { dryRun, force = false, entityTag }: ModelDeletion,
): Promise<DeletedModel> {
  const path = `api/v1/models/${encodeURIComponent(model)}`
  const query = { dryRun: String(dryRun), force: String(force) }
  const headers = entityTag === undefined ? {} : { 'if-match': entityTag }
  const shownBy = dryRun ? undefined : 'slipway releases'
  const call = { method: 'DELETE', path, query, headers, repeatable: false, shownBy } as const
  return client.call(call, deletedModelSchema)
}

/** The entity tag of a model; undefined where an older server gives none. */
export async function modelEntityTag(client: ApiClient, model: string): Promise<string | undefined> {
  const path = `api/v1/models/${encodeURIComponent(model)}`
  return (await client.callTagged({ method: 'GET', path }, knownModelSchema)).entityTag
}

export function listModels(client: ApiClient): Promise<KnownModel[]> {
  return listAll(client, 'api/v1/models', modelPage)
}

const knownStatusSchema = statusSchema
  .extend({ warnings: z.array(z.object({ code: z.string(), message: z.string() })) })
  .partial()

/** What a server says of itself: those before and after ours say less, or more. */
export type KnownStatus = z.infer<typeof knownStatusSchema>

export function readStatus(client: ApiClient): Promise<KnownStatus> {
  return client.call({ method: 'GET', path: 'api/v1/status' }, knownStatusSchema)
}
