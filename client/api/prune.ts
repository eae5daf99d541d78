import { prunedSchema, type Pruned } from '../../protocol/prune.ts'
import type { ApiClient } from './api-client.ts'

/** What stays when a model is pruned; at least one of the first two. */
export interface PruneLimits {
  keepReleases?: number
  keepDays?: number
  keepHistory?: number
}

/** Deletes the releases of a model that nothing uses; with `dryRun` says what would go. */
export function prune(
  client: ApiClient,
  model: string,
  limits: PruneLimits,
  dryRun: boolean,
): Promise<Pruned> {
  const path = `api/v1/models/${encodeURIComponent(model)}/prune`
  const shownBy = dryRun ? undefined : `slipway releases ${model}`
  return client.call({ method: 'POST', path, json: { ...limits, dryRun }, shownBy }, prunedSchema)
}
