import { table } from './table.ts'
import { terminalWidth } from './terminal-width.ts'

const HEADING = ['RELEASE', 'STATE', 'DIGEST', 'SIZE', 'PUBLISHED', 'BY', 'FILE', 'TAGS', 'NOTES']

/** What a narrow terminal goes without, so that moments and tags stay whole: slipway show has it of each release. */
const ONLY_WHERE_WIDE = ['DIGEST', 'BY', 'FILE', 'NOTES']

/** Columns of a terminal from which on nine columns can be read. */
const WIDE = 120

/**
 * The table of `slipway releases`.
 *
 * @param rows One for each release, in the order of the heading.
 * @param width Columns of the terminal; Infinity for a file or a pipe.
 */
export function releaseTable(rows: readonly string[][], width = terminalWidth(Infinity)): string {
  const shown = HEADING.map((name) => width >= WIDE || !ONLY_WHERE_WIDE.includes(name))
  return table(
    [HEADING, ...rows].map((row) => row.filter((_cell, column) => shown[column])),
    width,
  )
}
