const UNITS: readonly (readonly [seconds: number, one: string, many: string])[] = [
  [86_400, 'day', 'days'],
  [3_600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
]

/** Seconds as people say them, in the largest unit that fits twice: `45 seconds`, `12 minutes`, `30 hours`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [size, one, many] = UNITS.find(([unit]) => whole >= 2 * unit) ?? [1, 'second', 'seconds']
  const units = Math.floor(whole / size)
  return `${units} ${units === 1 ? one : many}`
}

/** How long ago a moment was: `12 minutes ago`, `just now`. @param now Milliseconds since 1970. */
export function age(instant: string, now: number): string {
  const seconds = (now - Date.parse(instant)) / 1000
  return seconds < 5 ? 'just now' : `${duration(seconds)} ago`
}
