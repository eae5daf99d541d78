import type { BotState } from '../../protocol/bot-states.ts'
import type { Bot as WireBot } from '../../protocol/bot.ts'
import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import { describeBot } from './describe-bot.ts'
import { forEachBot, type ListedFleet } from './list-fleet.ts'
import { keyOf } from './key-of.ts'
import { surveyBot } from './survey-bot.ts'

/** So many bots of a tag are named for each of the two states that somebody should look at. */
const MOST_NAMED = 10

/** The bots that poll a tag, counted. */
export interface TagBots {
  readonly model: string
  readonly tag: string
  all: number
  readonly states: Map<BotState, number>
  /** By what they run; null: nothing yet. */
  readonly digests: Map<Digest | null, number>
  /** By the number of what they run; null: nothing yet, or what the model does not have. */
  readonly releases: Map<number | null, number>
  /** Some of those that are failing, by name. */
  readonly failing: WireBot[]
  /** Those that were lost last, the last first. */
  readonly lost: WireBot[]
}

/** Counts the bots of each tag, by state and by what they run, in one go through all of them. */
export async function takeFleetCensus(fleet: ListedFleet): Promise<TagBots[]> {
  const tags = new Map<string, CountedTag>()
  await forEachBot(fleet.memory, undefined, (bot) => {
    const { model } = bot
    const survey = surveyBot(bot.processes)
    if (survey === undefined) return
    const { state, digest, last } = survey
    const { tag } = last
    const key = keyOf(model, tag)
    let counted = tags.get(key)
    if (counted === undefined) {
      counted = newTagBots(model, tag)
      tags.set(key, counted)
    }
    counted.all++
    add(counted.states, state)
    add(counted.digests, digest)
    if (state === 'failing' && counted.failing.length < MOST_NAMED) {
      counted.failing.push(describeBot(bot, fleet.releaseOf, fleet.now))
    } else if (state === 'lost') keepLast(counted.lostLast, { bot, heardAt: last.lastSeen })
  })
  return [...tags.values()].map(({ lostLast, ...counted }) => ({
    ...counted,
    releases: releasesOf(counted, fleet),
    lost: lostLast.map(({ bot }) => describeBot(bot, fleet.releaseOf, fleet.now)),
  }))
}

/** A bot that is lost, and when it was heard last. */
interface LostBot {
  readonly bot: Bot
  readonly heardAt: number
}

type CountedTag = TagBots & { lostLast: LostBot[] }

function newTagBots(model: string, tag: string): CountedTag {
  return {
    model,
    tag,
    all: 0,
    states: new Map(),
    digests: new Map(),
    releases: new Map(),
    failing: [],
    lost: [],
    lostLast: [],
  }
}

function releasesOf({ model, tag, digests }: TagBots, { releaseOf }: ListedFleet): TagBots['releases'] {
  const releases: TagBots['releases'] = new Map()
  for (const [digest, bots] of digests)
    add(releases, digest === null ? null : (releaseOf(model, digest, tag) ?? null), bots)
  return releases
}

function add<Key>(counts: Map<Key, number>, key: Key, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more)
}

/** Keeps the bots that were heard last, the last first. */
function keepLast(kept: LostBot[], lost: LostBot): void {
  const index = kept.findIndex(({ heardAt }) => heardAt < lost.heardAt)
  if (index === -1 && kept.length >= MOST_NAMED) return
  kept.splice(index === -1 ? kept.length : index, 0, lost)
  if (kept.length > MOST_NAMED) kept.pop()
}
