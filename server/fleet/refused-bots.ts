import type { ProblemCode } from '../../protocol/problem-table.ts'
import { botNameOf } from './bot-name.ts'
import type { FleetMemory } from './fleet-memory.ts'
import type { Source } from './process-record.ts'
import { keyOf } from './key-of.ts'

/** Whoever is refused beyond it pushes out the one that was refused first. */
const MOST = 500

/** A bot that has not come back for so long is not refused any more: it has gone. Milliseconds. */
const REMEMBERED = 60 * 60_000

/** A poll that was refused for its token, or for a tag that does not exist. */
export interface RefusedPoll {
  readonly model: string
  readonly tag: string
  /** The process that it says it is; undefined where it says none. */
  readonly process: string | undefined
  /** Its instance and address, and its token where that was right. */
  readonly source: Source
  readonly code: ProblemCode
}

/** A bot that was served before, and gets no model now. */
export interface RefusedBot {
  readonly model: string
  readonly bot: string
  readonly tag: string
  /** Why it was refused last. */
  readonly code: ProblemCode
  readonly refusals: number
  /** Milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
}

type Known = Pick<FleetMemory, 'find' | 'bot' | 'updatingBot'>

/**
 * The bots that polled before and are refused since: their token ended or was revoked, or they have none and need one, or somebody
 * deleted their tag. Strangers are none of them, so that nobody fills it who was never let in.
 */
export class RefusedBots {
  readonly #memory: Known
  /** By process where it is known, else by bot. */
  readonly #refused = new Map<string, RefusedBot & { process: string | undefined }>()

  constructor(memory: Known) {
    this.#memory = memory
  }

  /** Takes down that a poll was refused, if its bot is known. @param now Milliseconds since 1970. */
  note({ model, tag, process, source, code }: RefusedPoll, now: number): void {
    const record = process === undefined ? undefined : this.#memory.find(model, process)
    const bot = botNameOf(record?.source ?? source)
    const key = keyOf(model, record === undefined ? bot : (process ?? ''))
    const before = this.#refused.get(key)
    if (before === undefined && record === undefined && this.#memory.updatingBot(model, bot) === undefined)
      return
    this.#refused.delete(key)
    this.#refused.set(key, {
      model,
      bot,
      tag,
      code,
      process: record?.process,
      refusals: (before?.refusals ?? 0) + 1,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
    })
    if (this.#refused.size <= MOST) return
    const [oldest] = this.#refused.keys()
    if (oldest !== undefined) this.#refused.delete(oldest)
  }

  /**
   * Those that were not served since they were refused last, by model and name: the process that was refused, or one of its bot that
   * began since, as a bot does whose token was mended. What goes on beside it says nothing of it. @param now Milliseconds since 1970.
   */
  list(now: number): RefusedBot[] {
    const bots = new Map<string, RefusedBot>()
    const heard = new HeardBots(this.#memory)
    for (const [key, { process, ...refused }] of this.#refused) {
      const isServed =
        process === undefined
          ? heard.of(refused).lastSeen >= refused.lastAt
          : (this.#memory.find(refused.model, process)?.lastSeen ?? -Infinity) >= refused.lastAt
      if (isServed || now - refused.lastAt > REMEMBERED) {
        this.#refused.delete(key)
        continue
      }
      // Kept all the same: it may be another bot behind its address, and the next refusal then says how long this has gone on.
      if (heard.of(refused).lastBegun > refused.lastAt) continue
      const name = keyOf(refused.model, refused.bot)
      const other = bots.get(name)
      bots.set(name, other === undefined ? refused : together(other, refused))
    }
    return [...bots.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, bot]) => bot)
  }
}

/** When the processes of a bot were heard, milliseconds since 1970; -Infinity where none was. */
interface HeardBot {
  /** When the last one of them began. */
  readonly lastBegun: number
  readonly lastSeen: number
}

/**
 * When bots were heard, looked up once for each: of 100,000 processes of one name 500 may be refused, and to look through all of them
 * for each took 2.3 s (measured).
 */
class HeardBots {
  readonly #memory: Known
  readonly #bots = new Map<string, HeardBot>()

  constructor(memory: Known) {
    this.#memory = memory
  }

  of({ model, bot }: RefusedBot): HeardBot {
    const key = keyOf(model, bot)
    const known = this.#bots.get(key)
    if (known !== undefined) return known
    let [lastBegun, lastSeen] = [-Infinity, -Infinity]
    for (const process of this.#memory.bot(model, bot)?.processes ?? []) {
      lastBegun = Math.max(lastBegun, process.firstSeen)
      lastSeen = Math.max(lastSeen, process.lastSeen)
    }
    const heard = { lastBegun, lastSeen }
    this.#bots.set(key, heard)
    return heard
  }
}

/** Several processes of one bot. */
function together(one: RefusedBot, other: RefusedBot): RefusedBot {
  const last = other.lastAt >= one.lastAt ? other : one
  return {
    ...last,
    refusals: one.refusals + other.refusals,
    firstAt: Math.min(one.firstAt, other.firstAt),
  }
}
