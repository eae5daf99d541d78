import type { Instant } from '../time/clock.ts'
import type { Digest } from '../releases/release.ts'
import type { ReleaseOutline } from '../catalog/releases.ts'

/** How many of a tag's releases stay: enough to roll back through a bad week. */
export const KEPT_HISTORY = 5

/** For how long a release stays after a process was seen running it. */
export const SEEN_DAYS = 30

const DAY = 24 * 60 * 60 * 1000

/** What may go. Where both are given a release stays if either lets it; where none is, all stay. */
export interface RetentionPolicy {
  /** The newest so many stay, by number. */
  keepReleases?: number | undefined
  /** Releases younger than that stay. */
  keepDays?: number | undefined
  /** The last so many releases of each tag's history stay; {@link KEPT_HISTORY} by default. */
  keepHistory?: number | undefined
}

/** Who uses the releases of a model. */
export interface ModelUse {
  tags: readonly TagUse[]
  /** Rollouts under way, with the releases that they bring out or may go back to. */
  rollouts: readonly { tag: string; releases: readonly number[] }[]
  /** When each digest was last seen running. */
  lastSeen: ReadonlyMap<Digest, Instant>
}

/** Which releases a tag needs. */
export interface TagUse {
  tag: string
  release: number
  /** The last releases that it pointed at. */
  history: readonly number[]
}

/** Why a release stays. */
export type ReasonToStay =
  | { code: 'tagged'; tag: string }
  | { code: 'tag-history'; tag: string }
  | { code: 'rollout'; tag: string }
  | { code: 'seen-running'; lastSeen: Instant }
  | { code: 'among-newest' }
  | { code: 'young' }

/** What retention says of one release; it goes where there is no reason to stay. */
export interface Verdict {
  release: ReleaseOutline
  reasons: ReasonToStay[]
}

/**
 * Says which releases of a model go, and why each other stays.
 *
 * Numbers decide which are newest, never clocks. Clocks decide on age alone, and a moment in the future is young: a
 * clock that was set back keeps too much rather than too little.
 *
 * @param releases All of the model's, in any order.
 * @param now Milliseconds since 1970.
 */
export function judgeReleases(
  releases: readonly ReleaseOutline[],
  use: ModelUse,
  policy: RetentionPolicy,
  now: number,
): Verdict[] {
  const { keepReleases, keepDays } = policy
  const newest = keepReleases ?? (keepDays === undefined ? Infinity : 0)
  const bornAfter = keepDays === undefined ? Infinity : now - keepDays * DAY
  return releases
    .toSorted((one, other) => other.number - one.number)
    .map((release, rank) => ({
      release,
      reasons: [
        ...reasonsOfUse(release, use, now),
        ...(rank < newest ? [{ code: 'among-newest' } as const] : []),
        ...(Date.parse(release.publishedAt) > bornAfter ? [{ code: 'young' } as const] : []),
      ],
    }))
}

/** Why a release must stay whatever the policy says: something uses it, or may want to go back to it. */
export function reasonsOfUse(
  { number, digest }: ReleaseOutline,
  { tags, rollouts, lastSeen }: ModelUse,
  now: number,
): ReasonToStay[] {
  const ofTags = tags.flatMap(({ tag, release, history }): ReasonToStay[] => {
    if (release === number) return [{ code: 'tagged', tag }]
    return history.includes(number) ? [{ code: 'tag-history', tag }] : []
  })
  const ofRollouts = rollouts
    .filter(({ releases }) => releases.includes(number))
    .map(({ tag }): ReasonToStay => ({ code: 'rollout', tag }))
  const reasons = [...ofTags, ...ofRollouts]
  const seen = lastSeen.get(digest)
  const isRunning = seen !== undefined && Date.parse(seen) >= now - SEEN_DAYS * DAY
  return isRunning ? [...reasons, { code: 'seen-running', lastSeen: seen }] : reasons
}

/** Sightings before that protect nothing any more. */
export function seenSince(now: number): Instant {
  return new Date(now - SEEN_DAYS * DAY).toISOString()
}
