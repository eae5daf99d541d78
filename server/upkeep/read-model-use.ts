import type { CatalogReader } from '../catalog/catalog.ts'
import { KEPT_HISTORY, seenSince, type ModelUse } from './retention.ts'

/** Reads who uses the releases of a model: its tags with their last releases, and what was seen running. */
export async function readModelUse(
  catalog: CatalogReader,
  model: string,
  keepHistory = KEPT_HISTORY,
  now: number,
): Promise<ModelUse> {
  const tags = []
  for (const { tag, release } of await catalog.listTags(model)) {
    tags.push({ tag, release, history: await catalog.lastReleasesOfTag(model, tag, keepHistory) })
  }
  return { tags, lastSeen: await catalog.listLastSeen(seenSince(now)) }
}
