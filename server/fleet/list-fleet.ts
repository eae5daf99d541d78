import type { BotState } from '../../protocol/bot-states.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bot as WireBot } from '../../protocol/bot.ts'
import type { Process as WireProcess } from '../../protocol/process.ts'
import type { PageOf } from '../catalog/page-of.ts'
import type { Bot } from './bot.ts'
import { botDigest, botState, lastHeard } from './bot-summary.ts'
import { describeBot, describeProcess, type ReleaseNumberOf } from './describe-bot.ts'
import type { FleetMemory } from './fleet-memory.ts'
import type { Digest } from '../releases/release.ts'
import { keyOf } from './key-of.ts'
import { processState } from './process-state.ts'

/** So many are looked at before polls get their turn again: well under a millisecond. */
const AT_ONCE = 100

/** Which bots or processes are asked for; what is left out does not matter. */
export interface FleetFilter {
  readonly model?: string | undefined
  readonly tag?: string | undefined
  readonly state?: BotState | undefined
  /** The release whose bytes it runs. */
  readonly release?: number | undefined
  /** The bot that a process belongs to. */
  readonly bot?: string | undefined
  /** Whether anything of a model may be told; undefined: of all. */
  readonly canSee?: ((model: string) => boolean) | undefined
}

/** What a fleet is listed from. */
export interface ListedFleet {
  readonly memory: FleetMemory
  readonly releaseOf: ReleaseNumberOf
  /** The digests of the releases that have a number, by model. */
  readonly digestsOf: (release: number) => ReadonlyMap<string, Digest>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One page of bots, by model and name, ascending. @param page Begins behind the cursor. */
export function listBots(
  fleet: ListedFleet,
  filter: FleetFilter,
  { limit, cursor }: PageOf<Pick<WireBot, 'model' | 'bot'>>,
): Promise<WireBot[]> {
  const { memory, releaseOf, now } = fleet
  const digests = digestsFor(fleet, filter)
  const among = memory.narrow({ ...filter, digests })
  return take(
    (after, count) => memory.botsAfter(after, count, among),
    ({ model, bot }) => keyOf(model, bot),
    { ...seenBy(filter), after: cursor && keyOf(cursor.model, cursor.bot), limit },
    (bot) => {
      const { tag, state } = filter
      const isWanted =
        (tag === undefined || lastHeard(bot.processes)?.tag === tag) &&
        (state === undefined || botState(bot) === state) &&
        (digests === undefined || digests.get(bot.model) === botDigest(bot))
      return isWanted ? describeBot(bot, releaseOf, now) : undefined
    },
  )
}

/** One page of processes, by model and name, ascending. @param page Begins behind the cursor. */
export function listProcesses(
  fleet: ListedFleet,
  filter: FleetFilter,
  { limit, cursor }: PageOf<Pick<WireProcess, 'model' | 'process'>>,
): Promise<WireProcess[]> {
  const { memory, releaseOf, now } = fleet
  const digests = digestsFor(fleet, filter)
  const among = memory.narrow({ ...filter, digests })
  return take(
    (after, count) => memory.processesAfter(after, count, among),
    ({ model, record }) => keyOf(model, record.process),
    { ...seenBy(filter), after: cursor && keyOf(cursor.model, cursor.process), limit },
    ({ model, bot, record }) => {
      const { tag, state } = filter
      const isWanted =
        (filter.bot === undefined || bot === filter.bot) &&
        (tag === undefined || record.tag === tag) &&
        (state === undefined || processState(record) === state) &&
        (digests === undefined || digests.get(model) === record.digest)
      return isWanted ? describeProcess({ model, bot }, record, releaseOf, now) : undefined
    },
  )
}

/** How many bots of a model poll a tag and are in a state. */
export interface BotCount {
  readonly model: string
  readonly tag: string
  readonly state: BotState
  readonly bots: number
}

/** Counts the bots by model, tag and state; what no bot is in is left out. */
export async function countBots(memory: FleetMemory): Promise<BotCount[]> {
  const counts = new Map<string, BotCount>()
  await forEachBot(memory, undefined, (bot) => {
    const { model } = bot
    const tag = lastHeard(bot.processes)?.tag ?? ''
    const state = botState(bot)
    const key = keyOf(model, keyOf(tag, state))
    counts.set(key, { model, tag, state, bots: (counts.get(key)?.bots ?? 0) + 1 })
  })
  return [...counts.values()]
}

/** Looks at each bot of a model, or of all, a few at a time: other work gets its turn between. */
export async function forEachBot(
  memory: FleetMemory,
  model: string | undefined,
  look: (bot: Bot) => void,
): Promise<void> {
  await take(
    (after, count) => memory.botsAfter(after, count),
    ({ model, bot }) => keyOf(model, bot),
    { model, limit: Infinity },
    (bot) => {
      look(bot)
      return undefined
    },
  )
}

/** Goes through items in their order, a few at a time, until so many were shown. */
async function take<Item extends { readonly model: string }, Shown>(
  next: (after: string, limit: number) => Item[],
  positionOf: (item: Item) => string,
  page: Pick<FleetFilter, 'model' | 'canSee'> & { after?: string | undefined; limit: number },
  show: (item: Item) => Shown | undefined,
): Promise<Shown[]> {
  const shown: Shown[] = []
  const first = page.model === undefined ? '' : keyOf(page.model, '')
  let after = page.after === undefined || page.after < first ? first : page.after
  for (;;) {
    const items = next(after, AT_ONCE)
    for (const item of items) {
      const isOfPage = page.model === undefined || item.model === page.model
      const one = isOfPage && page.canSee?.(item.model) !== false ? show(item) : undefined
      if (one !== undefined) shown.push(one)
      if (shown.length >= page.limit) return shown
      after = positionOf(item)
    }
    const isBehind = page.model !== undefined && items.at(-1)?.model !== page.model
    if (items.length < AT_ONCE || isBehind) return shown
    await nextTurn()
  }
}

/** The bytes that are asked for, by model; undefined: any. Several releases may have the same: who runs them runs each of those. */
function digestsFor(
  { digestsOf }: ListedFleet,
  { release }: FleetFilter,
): ReadonlyMap<string, Digest> | undefined {
  return release === undefined ? undefined : digestsOf(release)
}

function seenBy({ model, canSee }: FleetFilter): Pick<FleetFilter, 'model' | 'canSee'> {
  return { model, canSee }
}
