import { z } from 'zod'
import { isLeftAlone } from '../../protocol/is-left-alone.ts'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'

/** What is needed of an overview; servers before and after ours may say less, or more, of everything else. */
const knownOverviewSchema = z.object({
  at: z.string().optional(),
  tags: z.array(
    z.object({
      model: z.string(),
      tag: z.string(),
      bots: z.object({ states: z.record(z.string(), z.int()) }),
      lost: z.array(z.object({ lastSeen: z.string() })),
      rollout: z
        .object({
          state: z.string(),
          to: z.int().optional(),
          step: z.int().default(0),
          steps: z.array(z.object({ state: z.string(), failing: z.int().optional() })).default([]),
          counts: z.object({ bots: z.int(), failing: z.int().default(0) }).optional(),
        })
        .nullable(),
    }),
  ),
  morePaused: z.int().default(0),
  quarantined: z
    .array(z.object({ model: z.string(), release: z.int(), at: z.string(), reason: z.string() }))
    .default([]),
})

/** How long the taking back of a release is news, in milliseconds: whoever comes in the morning was not there at night. */
const NEWS = 24 * 60 * 60_000

/** A rollout that goes on by itself, and has bots to bring its release to. */
export interface RolloutUnderWay {
  readonly model: string
  readonly tag: string
  /** The release that it brings out, or takes back. */
  readonly to: number
  readonly isReverting: boolean
  /** Whether it waits for a person, or for the deadline of its step: the bots that do not run it were left alone. */
  readonly isWaiting: boolean
}

/** A release that was taken back from bots. */
export interface TakenBack {
  readonly model: string
  readonly release: number
  /** In ISO 8601. */
  readonly at: string
  readonly reason: string
}

/** What of bots and rollouts needs a person, or is to be known by one. */
export interface FleetTrouble {
  readonly underWay: readonly RolloutUnderWay[]
  /** What was taken back within the last day, the last first. */
  readonly takenBack: readonly TakenBack[]
  /** Rollouts that stand still until somebody decides. */
  readonly pausedRollouts: number
  /** Bots whose last attempts at a release failed. */
  readonly failing: number
  /** Bots that are silent beyond their window. */
  readonly lost: number
  /** When the last of the lost ones was heard, in ISO 8601; null: none is lost. */
  readonly lastLostSeen: string | null
  /** The only rollout that stands still, as MODEL@TAG; null where there is none, where there are more, or it is not told which. */
  readonly pausedTag: string | null
}

/** Reads it. @returns null where the server is older than overviews */
export async function readFleetTrouble(client: ApiClient): Promise<FleetTrouble | null> {
  try {
    return troubleIn(await client.call({ method: 'GET', path: 'api/v1/overview' }, knownOverviewSchema))
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'not-found') return null
    throw error
  }
}

function troubleIn({ at, tags, morePaused, quarantined }: z.infer<typeof knownOverviewSchema>): FleetTrouble {
  const paused = tags.filter(({ rollout }) => rollout?.state === 'paused')
  const [first] = paused
  const inState = (state: string) => tags.reduce((sum, { bots }) => sum + (bots.states[state] ?? 0), 0)
  const lastSeen = tags.flatMap(({ lost }) => lost.map((bot) => bot.lastSeen)).toSorted()
  return {
    underWay: tags.flatMap(({ model, tag, rollout }) => {
      // A tag that no bot polls has one for an hour after each promotion.
      if (rollout?.to === undefined || rollout.counts?.bots === 0 || rollout.state === 'paused') return []
      const { to, state, steps, step, counts } = rollout
      const isWaiting = state === 'running' && counts !== undefined && isLeftAlone({ steps, step, counts })
      return { model, tag, to, isReverting: state === 'reverting', isWaiting }
    }),
    takenBack: quarantined.filter((each) => at !== undefined && Date.parse(at) - Date.parse(each.at) < NEWS),
    pausedRollouts: paused.length + morePaused,
    failing: inState('failing'),
    lost: inState('lost'),
    lastLostSeen: lastSeen.at(-1) ?? null,
    pausedTag: first !== undefined && paused.length + morePaused === 1 ? `${first.model}@${first.tag}` : null,
  }
}
