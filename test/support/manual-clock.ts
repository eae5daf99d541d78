import type { Clock } from '../../server/time/clock.ts'

/** A clock that stands still until it is told otherwise. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void
}

/** @param start Milliseconds since 1970; by default a winter's morning. */
export function aClock(start = Date.parse('2026-12-01T08:00:00.000Z')): ManualClock {
  let now = start
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

/** Each look at it is a minute later: many wrong tokens are never too many in one. */
export function aHurriedClock(): ManualClock {
  const clock = aClock()
  return {
    ...clock,
    now: () => {
      clock.advance(60_000)
      return clock.now()
    },
  }
}
