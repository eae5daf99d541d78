import type { PollSeries } from '../../protocol/series.ts'
import { count } from '../text/count.ts'
import type { ChartData } from './chart-data.ts'

/** A series as lines, by the minute whatever time each point counted. */
export function pollsOverTime({ points }: Pick<PollSeries, 'points'>): ChartData {
  const known = points.filter(({ seconds }) => seconds > 0)
  const line = (name: 'polls' | 'loads' | 'transfers', label: string, colorName: string) => ({
    label,
    colorName,
    values: known.map((point) => Math.round((point[name] / point.seconds) * 60)),
  })
  return {
    times: known.map(({ at }) => Date.parse(at) / 1000),
    isStepped: false,
    lines: [
      line('polls', 'polls', '--line-1'),
      line('loads', 'failed loads', '--line-bad'),
      line('transfers', 'failed transfers', '--line-warn'),
    ],
  }
}

/** What came in a minute: `430 polls, 0 failed loads, 0 failed transfers`. */
export function sayPolls({ lines }: ChartData, index: number): string {
  return lines.map(({ label, values }) => count(values[index] ?? 0, label.replace(/s$/, ''))).join(', ')
}
