import { shownText } from '../../protocol/shown-text.ts'

/** A cell is cut to so many characters. */
const WIDEST = 100

/** Lays rows out in columns for a terminal; the first row is the heading. Cells may come from elsewhere. */
export function table(cells: string[][]): string {
  const rows = cells.map((row) => row.map((cell) => shownText(cell, WIDEST)))
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

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

/** A moment in UTC to the second: `2026-11-23 08:46:06Z`. */
export function readableTime(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')}Z`
}
