const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size in bytes as people read it: `14.5 kB`. */
export function readableSize(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 ? size.toString() : size.toFixed(1)} ${UNITS[unit] ?? ''}`
}
