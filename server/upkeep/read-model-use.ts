import type { CatalogReader } from '../catalog/catalog.ts'
import { KEPT_HISTORY, seenSince, type ModelUse } from './retention.ts'

/** Reads who uses the releases of a model: its tags with their last releases, its rollouts, and what was seen running. */
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
  const rollouts = (await catalog.listRolloutsUnderWay(model)).map(({ tag, from, to }) => ({
    tag,
    releases: from === null ? [to.release] : [from.release, to.release],
  }))
  return { tags, rollouts, lastSeen: await catalog.listLastSeen(seenSince(now)) }
}
