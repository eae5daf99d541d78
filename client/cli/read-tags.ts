import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { ApiClient } from '../api/api-client.ts'
import type { KnownTag } from '../api/known-schemas.ts'
import { listModels } from '../api/releases.ts'
import { listRollouts } from '../api/rollouts.ts'
import { listTags } from '../api/tags.ts'

/** The tags of a server, by model, and their rollouts that have not ended. */
export async function readTags(
  client: ApiClient,
  { model, tag }: { model?: string; tag?: string },
): Promise<{ tags: KnownTag[]; rollouts: RolloutSummary[] }> {
  const models = model === undefined ? (await listModels(client)).map((each) => each.model).sort() : [model]
  const tags: KnownTag[] = []
  const rollouts: RolloutSummary[] = []
  for (const each of models) {
    const found = (await listTags(client, each)).filter((one) => tag === undefined || one.tag === tag)
    tags.push(...found)
    for (const { tag: name, rollout } of found) {
      if (rollout == null) continue
      const [last] = await listRollouts(client, each, name, 1)
      if (last?.id === rollout.id) rollouts.push(last)
    }
  }
  return { tags, rollouts }
}
