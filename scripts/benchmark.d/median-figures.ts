import type { Figures } from './alternate.ts'
import { median } from './median.ts'

/** The median of each figure over several measurements of the same load, none of which may be missing. */
export function medianFigures(measured: readonly Figures[]): Figures {
  const names = Object.keys(measured[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, median(measured.map((figures) => figures[name] ?? Number.NaN))]),
  )
}
