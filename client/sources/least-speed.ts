import { PullFailure } from '../failure.ts'
import { DEFAULT_IDLE_TIMEOUT } from '../timing/next-attempt.ts'

/** What a transfer must reach on average, so that a source that drips does not hold a run for ever. */
export interface SpeedTerms {
  /** Bytes in a second. */
  bytesPerSecond: number
  /** Over so many milliseconds. */
  window: number
}

/**
 * A seventieth of what Rasa needs for an archive of 22 MB (300 s in all): a pull may take longer, since it resumes, but 22 MB
 * would take six hours.
 */
export const LEAST_SPEED: SpeedTerms = { bytesPerSecond: 1024, window: 5 * 60_000 }

/** Milliseconds after which nobody says that it is the same transfer that goes on: a source was away. */
const REST = DEFAULT_IDLE_TIMEOUT

/** Measures how fast an archive comes, over broken connections too. */
export class LeastSpeed {
  readonly #terms: SpeedTerms
  readonly #monotonic: () => number
  #begun = 0
  #last = -Infinity
  #bytes = 0

  /** @param monotonic Milliseconds that only grow. */
  constructor(terms: SpeedTerms = LEAST_SPEED, monotonic: () => number = () => performance.now()) {
    this.#terms = terms
    this.#monotonic = monotonic
  }

  /** To be called when bytes are about to come. @param start Which is the first: what rested is measured anew, too. */
  begin(start: number): void {
    const now = this.#monotonic()
    if (start === 0 || now - this.#last >= REST) this.#restart(now)
  }

  /** Takes in what came. @throws PullFailure where too little did. */
  take(bytes: number, description: string): void {
    const now = this.#monotonic()
    const { bytesPerSecond, window } = this.#terms
    this.#bytes += bytes
    this.#last = now
    const took = now - this.#begun
    if (took < window) return
    const came = this.#bytes
    this.#restart(now)
    if (came >= (bytesPerSecond * window) / 1000) return
    throw new PullFailure(
      'source',
      `${description} sent ${came} bytes in ${Math.round(took / 1000)} s; less than ${bytesPerSecond} bytes a second is given up, and the next pull goes on where this one ended`,
    )
  }

  #restart(now: number): void {
    this.#begun = now
    this.#bytes = 0
  }
}
