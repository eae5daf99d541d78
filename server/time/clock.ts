/** The time, as a parameter. Order is never decided by it: numbers and sequences do that. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** A moment in UTC, ISO 8601 with milliseconds. */
export type Instant = string

/** The moment that a clock shows. */
export function instantOf(clock: Clock): Instant {
  return new Date(clock.now()).toISOString()
}
