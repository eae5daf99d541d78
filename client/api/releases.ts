import type { z } from 'zod'
import { modelSchema } from '../../protocol/model.ts'
import type { Model } from '../../protocol/model.ts'
import { pageSchema } from '../../protocol/page.ts'
import { statusSchema } from '../../protocol/status.ts'
import type { ApiClient } from './api-client.ts'
import { knownReleaseSummarySchema, type KnownReleaseSummary } from './known-schemas.ts'
import { listAll } from './list-all.ts'

const releasePage = pageSchema('ReleasePage', knownReleaseSummarySchema)
const modelPage = pageSchema('ModelPage', modelSchema)

/** The newest releases of a model, at most `most`. */
export function listReleases(client: ApiClient, model: string, most: number): Promise<KnownReleaseSummary[]> {
  return listAll(client, `api/v1/models/${encodeURIComponent(model)}/releases`, releasePage, most)
}

export function listModels(client: ApiClient): Promise<Model[]> {
  return listAll(client, 'api/v1/models', modelPage)
}

const knownStatusSchema = statusSchema.partial()

/** What a server says of itself: those before and after ours say less, or more. */
export type KnownStatus = z.infer<typeof knownStatusSchema>

export function readStatus(client: ApiClient): Promise<KnownStatus> {
  return client.call({ method: 'GET', path: 'api/v1/status' }, knownStatusSchema)
}
