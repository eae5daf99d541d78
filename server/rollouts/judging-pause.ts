import { clockJump, type TimeReading } from '../time/clock-jump.ts'
import type { Clock } from '../time/clock.ts'

/** After the clock was set, ages are wrong until bots were heard again: twice the shortest window (docs/rollouts.md). */
const PAUSE_MILLISECONDS = 10 * 60_000

/** Says when nothing is to be judged because the clock was set, as retention rests then. */
export class JudgingPause {
  readonly #clock: Clock
  readonly #monotonic: () => number
  #last: TimeReading
  #until = -Infinity
  #endedAt = 0

  constructor(clock: Clock, monotonic: () => number) {
    this.#clock = clock
    this.#monotonic = monotonic
    this.#last = this.#read()
  }

  /** Milliseconds since 1970 when the last pause ended; 0: there was none. */
  get endedAt(): number {
    return this.#endedAt
  }

  /** Looks at the clock. */
  isOn(): boolean {
    const now = this.#read()
    if (clockJump(this.#last, now) !== 0) this.#until = now.monotonic + PAUSE_MILLISECONDS
    this.#last = now
    const isOn = now.monotonic < this.#until
    if (isOn) this.#endedAt = now.wall
    return isOn
  }

  #read(): TimeReading {
    return { wall: this.#clock.now(), monotonic: this.#monotonic() }
  }
}
