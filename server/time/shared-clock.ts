import type { Clock } from './clock.ts'

/** What another clock showed, between two moments of a stopwatch; all in milliseconds. */
export interface ClockSample {
  readonly asked: number
  /** Since 1970. */
  readonly shown: number
  readonly answered: number
}

/** Corrections beyond that mean that the other clock was set; those below must not have the time go back. */
const LARGEST_CORRECTION = 5_000

/**
 * The clock of a database, as its servers carry it on between two looks at it: whatever their own clocks show, they all compare by one,
 * so that none concludes from what another wrote that an hour has passed.
 *
 * An answer says that the database's clock showed something at some moment between question and answer, however long that took. So a
 * look corrects no more than it proves, and one that takes long corrects little or nothing. Where the database does not answer, the
 * stopwatch goes on. Time does not go back, but where the clock of the database was set.
 */
export class SharedClock implements Clock {
  readonly #monotonic: () => number
  /** What the database's clock shows where the stopwatch shows 0. */
  #zero: number
  #last = -Infinity

  /** @param monotonic Milliseconds that only grow: the stopwatch of every sample. */
  constructor(monotonic: () => number, { asked, shown, answered }: ClockSample) {
    this.#monotonic = monotonic
    this.#zero = shown - (asked + answered) / 2
  }

  now(): number {
    const now = Math.round(this.#monotonic() + this.#zero)
    const isBehind = now < this.#last && now >= this.#last - LARGEST_CORRECTION
    if (!isBehind) this.#last = now
    return this.#last
  }

  /** Takes in what the clock of the database showed. */
  learn({ asked, shown, answered }: ClockSample): void {
    this.#zero = Math.min(Math.max(this.#zero, shown - answered), shown - asked)
  }
}

/** Looks at another clock. @param read Milliseconds since 1970, by that one. @throws what `read` throws. */
export async function sampleClock(
  read: () => Promise<number>,
  monotonic: () => number,
): Promise<ClockSample> {
  const asked = monotonic()
  const shown = await read()
  return { asked, shown, answered: monotonic() }
}
