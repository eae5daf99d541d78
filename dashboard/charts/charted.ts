import type { ChartData } from './chart-data.ts'

/** How often a chart is read anew, in milliseconds: as often as the server counts. */
export const READ_EVERY = 60_000

/** What a chart shows, and from when on it is known. */
export interface Charted {
  readonly data: ChartData
  readonly since: string
}

/** Whether lines can be drawn: they need two points, and time between them. */
export function canBeDrawn({ times }: ChartData): boolean {
  return (times.at(-1) ?? 0) - (times[0] ?? 0) >= READ_EVERY / 1000
}
