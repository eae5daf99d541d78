import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventReader, StoredEvent } from '../catalog/events.ts'
import type { PageOf } from '../catalog/page-of.ts'
import type { Bot } from '../fleet/bot.ts'
import { isBefore } from '../fleet/code-point-order.ts'
import type { ReleaseNumberOf } from '../fleet/describe-bot.ts'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import { keyOf } from '../fleet/key-of.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import type { Digest } from '../releases/release.ts'
import { BotEvents } from './bot-events.ts'

/** The events that say what a process runs, or that it is gone. */
const RUNNING_KINDS: ReadonlySet<string> = new Set([
  'loaded',
  'runs',
  'heard-again',
  'lost',
  'restarted-while-loading',
])

/** So many bots are looked at before polls get their turn again. */
const AT_ONCE = 100

/** What a bot ran at some moment. */
export interface RunningBot {
  readonly bot: string
  /** The tag that it polled. */
  readonly tag: string | null
  /** null: none, or one that the model does not have any more. */
  readonly release: number | null
  readonly digest: Digest | null
  /** Since when, as an instant. */
  readonly since: string
}

/** What tells what ran when: what happened, and what is known of processes of which no event tells. */
export interface RunningSources {
  readonly catalog: EventReader
  readonly memory: FleetMemory
  readonly releaseOf: ReleaseNumberOf
}

/** What one process of a bot ran; `since` in milliseconds since 1970. */
interface RunningProcess {
  readonly tag: string | null
  readonly digest: Digest | null
  readonly since: number
}

/**
 * One page of what the bots of a model ran at a moment, by name, ascending: what the last event of each process says, and, where
 * none does, what it has run since before that moment. Events are kept for a limited time, and processes that an older server knew
 * never had any.
 *
 * @param at Milliseconds since 1970.
 * @param page Begins behind the bot of the cursor.
 */
export async function listRunningAt(
  { catalog, memory, releaseOf }: RunningSources,
  model: string,
  at: number,
  { limit, cursor = '' }: PageOf<string>,
): Promise<RunningBot[]> {
  const events = new BotEvents(catalog, model, cursor)
  const known = new KnownBots(memory, model, cursor)
  const botOf = (process: string): string | undefined => memory.botOf(model, process)?.bot
  const running: RunningBot[] = []
  while (running.length < limit) {
    const told = await events.nextBot()
    const name = firstOf(told, await known.next())
    if (name === undefined) break
    const bot = known.take(name)
    const last = told === name ? await lastEvents(events, at) : NO_EVENTS
    const ran = lastRunning(name, last, bot, at, botOf)
    if (ran !== undefined) running.push(describe(ran, name, model, releaseOf))
  }
  return running
}

const NO_EVENTS: ReadonlyMap<string, StoredEvent> = new Map()

function firstOf(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return isBefore(other, one) ? other : one
}

/** The bots of a model in memory, by name, some at a time. */
class KnownBots {
  readonly #memory: FleetMemory
  readonly #model: string
  #after: string
  #read: Bot[] = []
  #isEnd = false

  /** @param after The bot behind which it begins. */
  constructor(memory: FleetMemory, model: string, after: string) {
    this.#memory = memory
    this.#model = model
    this.#after = after
  }

  /** The name of the next one; undefined: there are no more. */
  async next(): Promise<string | undefined> {
    if (this.#read.length === 0 && !this.#isEnd) {
      const found = this.#memory.botsAfter(keyOf(this.#model, this.#after), AT_ONCE)
      const bots = found.filter(({ model }) => model === this.#model)
      this.#isEnd = bots.length < AT_ONCE
      this.#after = bots.at(-1)?.bot ?? this.#after
      // The next one is the last: taking it moves no other.
      this.#read = bots.reverse()
      await nextTurn()
    }
    return this.#read.at(-1)?.bot
  }

  /** Takes the next one, where it has this name. */
  take(name: string): Bot | undefined {
    return this.#read.at(-1)?.bot === name ? this.#read.pop() : undefined
  }
}

/** Of each process of the next bot the last event that says what it ran, in their order. */
async function lastEvents(events: BotEvents, at: number): Promise<ReadonlyMap<string, StoredEvent>> {
  const last = new Map<string, StoredEvent>()
  for await (const event of events.takeBot()) {
    if (event.process === null || event.at > at || !RUNNING_KINDS.has(event.kind)) continue
    last.delete(event.process)
    last.set(event.process, event)
  }
  return last
}

/** What the last of a bot's processes ran; undefined where none did. @param botOf The bot that a process belongs to now. */
function lastRunning(
  name: string,
  events: ReadonlyMap<string, StoredEvent>,
  bot: Bot | undefined,
  at: number,
  botOf: (process: string) => string | undefined,
): RunningProcess | undefined {
  let last: RunningProcess | undefined
  for (const record of bot?.processes ?? []) {
    if (!events.has(record.process) && wasRunning(record, at)) last = record
  }
  for (const [process, { kind, tag, at: since, body }] of events) {
    if (kind === 'lost' || kind === 'restarted-while-loading') continue
    // It polls under another name by now, which tells of it.
    if ((botOf(process) ?? name) !== name) continue
    last = { tag, digest: typeof body['digest'] === 'string' ? body['digest'] : null, since }
  }
  return last
}

function wasRunning({ digest, since, lostAt, replacedBy }: ProcessRecord, at: number): boolean {
  return digest !== null && since <= at && (lostAt === null || lostAt > at) && replacedBy === null
}

function describe(
  { tag, digest, since }: RunningProcess,
  bot: string,
  model: string,
  releaseOf: ReleaseNumberOf,
): RunningBot {
  const release = digest === null ? null : (releaseOf(model, digest, tag ?? undefined) ?? null)
  return { bot, tag, release, digest, since: new Date(since).toISOString() }
}
