const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size in bytes as people read it: `14.5 kB`. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`
}
