/** A Markdown table; numbers with three significant digits, aligned to the right, and a dash where there is none. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? readable(cell) : cell)))
  const widths = columns.map((column, index) =>
    Math.max(3, column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const numeric = columns.map((_, index) => typeof rows[0]?.[index] === 'number')
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => (numeric[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, index) =>
    numeric[index] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return [line(columns), line(rule), ...cells.map(line)].join('\n')
}

/** Three significant digits at least, thousands apart. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))))
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}
