import type { TagSeries } from '../../protocol/series.ts'
import { count } from '../text/count.ts'
import type { ChartData } from './chart-data.ts'

/** So many lines can be told apart; of more releases those that bots run now are shown, then the newest, and the others together. */
const MOST_LINES = 6

/** A series as lines: each release that was seen, the newest first. */
export function botsOverTime({ points, until }: Pick<TagSeries, 'points' | 'until'>): ChartData {
  const releases = [...new Set(points.flatMap(({ releases }) => releases.map(({ release }) => release)))]
  const numbered = releases.filter((release) => release !== null).toSorted((one, other) => other - one)
  const runNow = new Set(points.at(-1)?.releases.flatMap(({ release, bots }) => (bots > 0 ? [release] : [])))
  const preferred = [
    ...numbered.filter((each) => runNow.has(each)),
    ...numbered.filter((each) => !runNow.has(each)),
  ]
  const shown = preferred.slice(0, MOST_LINES - 1).toSorted((one, other) => other - one)
  const hasOthers = releases.includes(null) || numbered.length > shown.length
  const whole = points.length === 0 ? [] : [...points, { releases: points.at(-1)?.releases ?? [], at: until }]
  const sum = (point: TagSeries['points'][number], of: (release: number | null) => boolean): number =>
    point.releases.filter(({ release }) => of(release)).reduce((all, { bots }) => all + bots, 0)
  return {
    times: whole.map((point) => Date.parse(point.at) / 1000),
    isStepped: true,
    lines: [
      ...shown.map((number, index) => ({
        label: `release ${number}`,
        colorName: `--line-${index + 1}`,
        values: whole.map((point) => sum(point, (release) => release === number)),
      })),
      ...(hasOthers
        ? [
            {
              label: 'another, or none',
              colorName: '--line-other',
              values: whole.map((point) =>
                sum(point, (release) => release === null || !shown.includes(release)),
              ),
            },
          ]
        : []),
    ],
  }
}

/** How many bots ran what at a point: `41 bots on release 7, 2 bots on release 8`. */
export function sayBots({ lines }: ChartData, index: number): string {
  const told = lines.flatMap(({ label, values }) => {
    const bots = values[index] ?? 0
    return bots === 0 ? [] : [`${count(bots, 'bot')} on ${label}`]
  })
  return told.length === 0 ? 'no bot' : told.join(', ')
}
