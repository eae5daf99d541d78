import { shownText } from '../../protocol/shown-text.ts'
import { styled } from './style.ts'
import { terminalWidth } from './terminal-width.ts'

/** A cell of a terminal's table is cut to so many characters; what goes into a file or a pipe is whole. */
const WIDEST = 100

/** Columns are not cut below this, so that names can still be told apart. */
const NARROWEST = 8

const GAP = 2

/**
 * Lays rows out in columns; the first row is the heading. Cells may come from elsewhere.
 *
 * @param width Columns of the terminal: the widest columns are cut until the table fits. A file or a pipe has no such limit.
 */
export function table(cells: string[][], width = terminalWidth(Infinity)): string {
  const widest = width === Infinity ? Infinity : WIDEST
  const rows = cells.map((row) => row.map((cell) => shownText(cell, widest)))
  const widths = fit(widthsOf(rows), width)
  return rows
    .map((row, index) => {
      const line = row
        .map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd()
      return index === 0 && rows.length > 1 ? styled('heading', line) : line
    })
    .join('\n')
}

function widthsOf(rows: readonly string[][]): number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return widths
}

/** Makes the widest columns narrower until all fit, or are as narrow as they may be. */
function fit(widths: readonly number[], width: number): number[] {
  const fitted = [...widths]
  for (;;) {
    const total = fitted.reduce((sum, each) => sum + each, GAP * (fitted.length - 1))
    const widest = Math.max(...fitted)
    if (total <= width || widest <= NARROWEST) return fitted
    fitted[fitted.indexOf(widest)] = widest - 1
  }
}

function cut(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`
}
