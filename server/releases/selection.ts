import type { Claim } from '../../protocol/claim.ts'
import type { CurrentReleases } from './current-releases.ts'
import type { ServedRelease } from './release.ts'

/** Who polls. All but the claim is worked out when it is asked for: a poll in sync needs none of it. */
export interface Poller {
  readonly claim: Claim
  /** The name in the query parameter `instance`, where there is a valid one. */
  readonly instance: string | undefined
  /** The address of the client, or of the last proxy that is not trusted. */
  readonly address: string
}

/** What a poller is to be answered with. */
export type Selection =
  /** The release that it shall run: 200, or 304 where it has it. */
  | { kind: 'serve'; release: ServedRelease }
  /** It goes on running this release for now: 304. */
  | { kind: 'keep'; release: ServedRelease }
  /** It goes on running what it has, which no release is known for: 204. */
  | { kind: 'wait' }
  /** It shall ask again later: 503. */
  | { kind: 'unavailable'; reason: string }

/**
 * Chooses what a poller gets: the one place where rollouts decide.
 *
 * @param tag undefined: the model's default tag.
 * @param now Milliseconds since 1970.
 * @returns undefined where nothing is tagged so.
 */
export type SelectRelease = (
  model: string,
  tag: string | undefined,
  poller: Poller,
  now: number,
) => Selection | undefined

/** Gives everybody the release that the tag points at. */
export function selectTagged(current: CurrentReleases): SelectRelease {
  return (model, tag) => {
    const release = current.find(model, tag)
    return release && { kind: 'serve', release }
  }
}
