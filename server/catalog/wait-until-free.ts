import { setTimeout as delay } from 'node:timers/promises'

/** Who keeps a program from having something for now. */
export interface CurrentHolder {
  readonly host: string
  /** Changes when whoever is in the way shows that it runs. */
  readonly sign: number
}

const LOOK_AGAIN_MS = 500

/**
 * Tries until nothing is in the way: whoever ended without a word is so for some seconds.
 *
 * @param refusal What is thrown as soon as whoever is in the way shows that it runs.
 */
export async function waitUntilFree<Wanted, Obstacle extends CurrentHolder>(
  attempt: () => Promise<{ done: Wanted } | Obstacle>,
  refusal: (obstacle: Obstacle) => Error,
): Promise<Wanted> {
  for (let first: Obstacle | undefined; ;) {
    const outcome = await attempt()
    if ('done' in outcome) return outcome.done
    if (first !== undefined && (outcome.sign !== first.sign || outcome.host !== first.host))
      throw refusal(outcome)
    first ??= outcome
    await delay(LOOK_AGAIN_MS)
  }
}
