import { isDeepStrictEqual } from 'node:util'
import { nameSome } from '../../protocol/name-some.ts'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { listBots } from '../api/bots.ts'
import { deleteTag, readTag, type TagAddress } from '../api/tags.ts'
import { PullFailure } from '../failure.ts'

/**
 * Deletes a tag, unless bots poll it: nothing shows at once what that does to them.
 *
 * @param options.force Also where bots poll it.
 * @returns Whether a policy of its own went with it.
 * @throws PullFailure `conflict` where bots poll it that are not lost
 */
export async function deleteOneTag(
  client: ApiClient,
  address: TagAddress,
  { force }: { readonly force?: true | undefined },
): Promise<{ hadPolicy: boolean }> {
  const { policy } = await readTag(client, address)
  const hadPolicy = policy !== undefined && !isDeepStrictEqual(policy, IMMEDIATE)
  if (force !== true) await refuseWhilePolled(client, address, hadPolicy)
  await deleteTag(client, address)
  return { hadPolicy }
}

async function refuseWhilePolled(
  client: ApiClient,
  { model, tag }: TagAddress,
  hasPolicy: boolean,
): Promise<void> {
  const bots = (await listBots(client, { model, tag })).filter(({ state }) => state !== 'lost')
  if (bots.length === 0) return
  const names = nameSome(bots.map(({ bot }) => shownText(bot)))
  const policy = hasPolicy
    ? ' Its policy is lost: a new tag of this name brings releases to all bots at once.'
    : ''
  throw new PullFailure(
    'conflict',
    `${bots.length === 1 ? '1 bot polls' : `${bots.length} bots poll`} ${model}@${tag} (${names}); nothing was deleted. Without the tag they are answered 404: ` +
      `they go on with what they run, and get no model when they start.${policy} To delete it all the same: slipway delete ${model}@${tag} --force`,
  )
}
