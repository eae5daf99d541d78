const UNITS: readonly (readonly [seconds: number, one: string, many: string])[] = [
  [24 * 60 * 60, 'day', 'days'],
  [60 * 60, 'h', 'h'],
  [60, 'min', 'min'],
  [1, 's', 's'],
]

/** Seconds as people say them, in the largest unit that fits twice: `45 s`, `12 min`, `30 h`, `3 days`. */
export function readableSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [size, one, many] = UNITS.find(([unit]) => whole >= 2 * unit) ?? [1, 's', 's']
  const count = Math.floor(whole / size)
  return `${count} ${count === 1 ? one : many}`
}

/** How long ago a moment was. @param now Milliseconds since 1970. */
export function readableAge(instant: string, now: number): string {
  return readableSeconds((now - Date.parse(instant)) / 1000)
}
