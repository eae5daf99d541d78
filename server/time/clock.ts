/** The time, as a parameter. Order is never decided by it: numbers and sequences do that. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** A moment in UTC, ISO 8601 with milliseconds. */
export type Instant = string

/** The moment that a clock shows. */
export function instantOf(clock: Clock): Instant {
  return instantAt(clock.now())
}

/** @param milliseconds Since 1970. */
export function instantAt(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString()
}

/** As {@link instantAt}, of what may not have happened. */
export function instantAtOrNull(milliseconds: number | null | undefined): Instant | null {
  return milliseconds == null ? null : instantAt(milliseconds)
}
