/** How slow a peer may be while bytes are waited for. */
export interface Pace {
  bytesPerSecond: number
  /** How long it may stay below that, from the beginning. */
  graceSeconds: number
  /** How long it may stay below that after it has moved many bytes. */
  mostGraceSeconds: number
  /** Time between two looks. */
  lookSeconds: number
}

/**
 * How much longer a slow peer is waited for. Each byte that it moves earns it the time that a byte takes at the least pace, and each
 * look that finds it waited for costs it the time between two looks: never more, so that a program that stood still itself, or that
 * was too busy to look, holds nothing of that against its peers.
 */
export class Grace {
  readonly #pace: Pace
  #left: number

  constructor(pace: Pace) {
    this.#pace = pace
    this.#left = pace.graceSeconds
  }

  /**
   * To be called at each look.
   *
   * @param moved Bytes since the look before.
   * @param isWaitedFor Whether the peer was waited for, and not we.
   * @returns Whether the peer is too slow.
   */
  look(moved: number, isWaitedFor: boolean): boolean {
    const { bytesPerSecond, mostGraceSeconds, lookSeconds } = this.#pace
    const earned = this.#left + moved / bytesPerSecond
    this.#left = Math.min(mostGraceSeconds, isWaitedFor ? earned - lookSeconds : earned)
    return this.#left <= 0
  }
}

/** Calls `look` again and again. @returns what ends that. */
export type Looks = (look: () => void, seconds: number) => () => void

/** The looks of the machine's clock; they keep no program running. */
export const timedLooks: Looks = (look, seconds) => {
  const timer = setInterval(look, seconds * 1000)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
