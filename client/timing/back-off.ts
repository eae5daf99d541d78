const FIRST = 500
const LOWEST_CAP = 8_000
const AFTER_PROGRESS = 100

/**
 * How long to wait after a failure, in milliseconds: doubling from half a second, and half of it random so that
 * many pullers do not come back in step.
 *
 * @param failures How many failures came in a row, this one included; 0 where the transfer got further and only
 *   broke: a tenth of a second then.
 * @param interval The time between polls; the cap is the larger of it and 8 s.
 * @param random From 0 to 1.
 */
export function backOff(failures: number, interval: number, random: number): number {
  const cap = Math.max(interval, LOWEST_CAP)
  const full = failures === 0 ? AFTER_PROGRESS : Math.min(cap, FIRST * 2 ** Math.min(failures - 1, 30))
  return full / 2 + (full / 2) * random
}

/** The time until the next poll: the interval, give or take a tenth (replicas start together, and would poll together). */
export function withJitter(interval: number, random: number): number {
  return Math.round(interval * (0.9 + 0.2 * random))
}
