import type { ApiClient } from '../api/api-client.ts'
import type { KnownPublishedRelease, KnownTag } from '../api/known-schemas.ts'
import { readTag } from '../api/tags.ts'
import { PullFailure } from '../failure.ts'

/** A tag that a release was published for; undefined: it could not be read. */
type PublishedTag = [name: string, tag: KnownTag | undefined]

/**
 * What became of a release that was published, as people read it: which tags are at it, and of each other tag where it is.
 * The answer to a publish does not say it: with steps a tag stays until the first bots run the release, and one may not move.
 *
 * @param tags Those that it was published for.
 */
export async function describePublished(
  client: ApiClient,
  release: Pick<KnownPublishedRelease, 'model' | 'number' | 'digest'>,
  tags: readonly string[],
): Promise<string> {
  const { model, number, digest } = release
  const found = await Promise.all(
    [...new Set(tags)].map(async (tag): Promise<PublishedTag> => [tag, await find(client, { model, tag })]),
  )
  const moved = found.filter(([, tag]) => tag?.release === number).map(([name]) => name)
  const promoted = moved.length === 0 ? '' : `, promoted to ${moved.join(', ')}`
  const others = found.flatMap(([name, tag]) => describeTag(`${model}@${name}`, tag, number) ?? [])
  return [`${model}#${number} (${digest.slice(0, 12)})${promoted}`, ...others].join('\n')
}

/** What happens to a tag from here on; undefined where all is said. */
function describeTag(where: string, tag: KnownTag | undefined, number: number): string | undefined {
  if (tag === undefined) return `whether ${where} is at it could not be read: slipway tags ${where}`
  const { release, rollout, policy } = tag
  const isUnderWay = rollout?.to === number
  if (isUnderWay && rollout.state === 'reverting')
    return `${where}: release ${number} is being taken back: slipway rollout ${where}`
  if (isUnderWay && rollout.state === 'paused')
    return `${where}: the rollout of release ${number} stays paused: slipway rollout ${where}`
  if (isUnderWay && (release !== number || (policy?.maxUpdating ?? null) !== null))
    return `${where}: release ${number} is being rolled out: slipway rollout ${where}`
  return release === number ? undefined : `${where} is at release ${release}: slipway tags ${where}`
}

/** The release is published already: that its tag may not be read, or is away for a moment, is no failure of that. */
async function find(
  client: ApiClient,
  address: { model: string; tag: string },
): Promise<KnownTag | undefined> {
  try {
    return await readTag(client, address)
  } catch (error) {
    if (error instanceof PullFailure) return undefined
    throw error
  }
}
