import type { ApiClient } from './api-client.ts'
import { listModels, listReleases } from './releases.ts'

/**
 * Finds which releases have archives of some digests.
 *
 * @returns for each digest that some release has, these releases as `model#number`; of a model the newest first.
 */
export async function releasesByDigest(
  client: ApiClient,
  digests: ReadonlySet<string>,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  if (digests.size === 0) return found
  for (const { model } of await listModels(client)) {
    for (const { digest, number } of await listReleases(client, model, Number.POSITIVE_INFINITY)) {
      if (digests.has(digest)) found.set(digest, [...(found.get(digest) ?? []), `${model}#${number}`])
    }
  }
  return found
}
