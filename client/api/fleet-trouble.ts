import { z } from 'zod'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'

/** What is needed of an overview; servers before and after ours may say less, or more, of everything else. */
const knownOverviewSchema = z.object({
  tags: z.array(
    z.object({
      model: z.string(),
      tag: z.string(),
      bots: z.object({ states: z.record(z.string(), z.int()) }),
      lost: z.array(z.object({ lastSeen: z.string() })),
      rollout: z.object({ state: z.string() }).nullable(),
    }),
  ),
  morePaused: z.int().default(0),
})

/** What of bots and rollouts needs a person. */
export interface FleetTrouble {
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

/** Reads what of bots and rollouts needs a person. @returns null where the server is older than overviews */
export async function readFleetTrouble(client: ApiClient): Promise<FleetTrouble | null> {
  try {
    return troubleIn(await client.call({ method: 'GET', path: 'api/v1/overview' }, knownOverviewSchema))
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'not-found') return null
    throw error
  }
}

function troubleIn({ tags, morePaused }: z.infer<typeof knownOverviewSchema>): FleetTrouble {
  const paused = tags.filter(({ rollout }) => rollout?.state === 'paused')
  const [first] = paused
  const inState = (state: string) => tags.reduce((sum, { bots }) => sum + (bots.states[state] ?? 0), 0)
  const lastSeen = tags.flatMap(({ lost }) => lost.map((bot) => bot.lastSeen)).toSorted()
  return {
    pausedRollouts: paused.length + morePaused,
    failing: inState('failing'),
    lost: inState('lost'),
    lastLostSeen: lastSeen.at(-1) ?? null,
    pausedTag: first !== undefined && paused.length + morePaused === 1 ? `${first.model}@${first.tag}` : null,
  }
}
