import type { StatusWarning } from '../../protocol/status.ts'
import { instantAt } from '../time/clock.ts'

/** For so long after it happened last it is told of. */
const TOLD_MILLISECONDS = 60 * 60_000

/** What may be dropped for lack of room, or since there is too much of it. */
export type Dropped = 'polls' | 'events'

/** How much of what polls said was not kept since the start: nobody is to take a list for whole that is not. */
export class DroppedCounts {
  readonly #lastAt: Record<Dropped, number> = { polls: -Infinity, events: -Infinity }
  readonly #onDropped: (what: Dropped, count: number) => void
  /** Polls of processes that are not known, as there is no room for them. */
  polls = 0
  /** Events of bots that stand in no timeline. */
  events = 0

  /** @param onDropped Told each time, with how many there were since the start. */
  constructor(onDropped: (what: Dropped, count: number) => void) {
    this.#onDropped = onDropped
  }

  /** @param now Milliseconds since 1970. */
  note(what: Dropped, count: number, now: number): void {
    this[what] += count
    this.#lastAt[what] = now
    this.#onDropped(what, this[what])
  }

  /** What `slipway status` says of what was dropped within the last hour. @param now Milliseconds since 1970. */
  warnings(now: number): StatusWarning[] {
    const isRecent = (what: Dropped) => Math.abs(now - this.#lastAt[what]) < TOLD_MILLISECONDS
    const since = (what: Dropped) => instantAt(this.#lastAt[what])
    const warnings: StatusWarning[] = []
    if (isRecent('polls'))
      warnings.push({
        code: 'bots-untracked',
        message:
          `There is no room for more processes (SLIPWAY_MAX_PROCESSES): ${this.polls} polls since the start, the last at ${since('polls')}, came from ` +
          'bots that are served and stand in no list. Raise it; where slipway bots shows names that are not yours, have pulls need a token.',
      })
    if (isRecent('events'))
      warnings.push({
        code: 'events-dropped',
        message:
          `More happens to bots than is kept: ${this.events} events since the start, the last at ${since('events')}, stand in no timeline; they were ` +
          'counted and judged all the same. Look in slipway bots for one that begins anew over and over, or for invented names: have pulls need a token.',
      })
    return warnings
  }
}
