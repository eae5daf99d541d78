/** What a clock and a stopwatch showed at the same moment, in milliseconds. */
export interface TimeReading {
  wall: number
  /** Never set, never goes back. */
  monotonic: number
}

/** Clocks are slewed by less than that between two readings. */
const TOLERANCE_MILLISECONDS = 5_000

/** By how many milliseconds a clock was set between two readings; 0 where it was not. */
export function clockJump(before: TimeReading, now: TimeReading): number {
  const jump = now.wall - before.wall - (now.monotonic - before.monotonic)
  return Math.abs(jump) > TOLERANCE_MILLISECONDS ? jump : 0
}
