import type { Bot } from './bot.ts'
import { keyOf } from './key-of.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR

/** Events of one bot that are kept in an hour: one that crashes every minute has some 200. */
const MOST_OF_A_BOT = 500
const MOST_OF_A_CROWDED_BOT = 5_000

/** Events of all bots that never loaded anything, which are kept at once, and then in a day: each poll may invent another bot. */
const MOST_OF_UNPROVEN = 20_000
const UNPROVEN_A_DAY = 10_000

/**
 * How many events of bots are kept: whoever may poll could have as many happen as he sends polls, which fill the disk, and push
 * out what happened to everybody else. What was concluded counts all the same; it is not told later.
 */
export class EventAllowance {
  /** What is left to bots that never loaded anything. */
  #unproven = MOST_OF_UNPROVEN
  #refilledAt = -Infinity
  /** How many there were of each other bot in the hour that began then. */
  readonly #counts = new Map<string, number>()
  #hourBegan = -Infinity

  /**
   * Whether so many events of a bot are kept; they count then.
   *
   * @param now Milliseconds since 1970.
   */
  take(
    { model, bot, provenAt, crowded }: Pick<Bot, 'model' | 'bot' | 'provenAt' | 'crowded'>,
    events: number,
    now: number,
  ): boolean {
    if (provenAt === null) return this.#takeUnproven(events, now)
    return this.#takeOf(keyOf(model, bot), events, crowded ? MOST_OF_A_CROWDED_BOT : MOST_OF_A_BOT, now)
  }

  #takeUnproven(events: number, now: number): boolean {
    // Where the clock was set back, it goes on from there.
    const passed = Math.max(0, Math.min(DAY, now - this.#refilledAt))
    this.#refilledAt = now
    this.#unproven = Math.min(MOST_OF_UNPROVEN, this.#unproven + (passed / DAY) * UNPROVEN_A_DAY)
    if (this.#unproven < events) return false
    this.#unproven -= events
    return true
  }

  #takeOf(bot: string, events: number, most: number, now: number): boolean {
    if (Math.abs(now - this.#hourBegan) >= HOUR) {
      this.#counts.clear()
      this.#hourBegan = now
    }
    const count = (this.#counts.get(bot) ?? 0) + events
    if (count > most) return false
    this.#counts.set(bot, count)
    return true
  }
}
