import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { usePage } from '../page/context.ts'
import type { Api } from '../api/api.ts'
import { localMoment, utcWhole } from '../text/moment.ts'
import type { ChartData } from './chart-data.ts'
import type { DrawnChart } from './draw-chart.ts'

/** How often it is read anew, in milliseconds: as often as the server counts. */
const PACE = 60_000

/** What a chart shows, and from when on it is known. */
export interface Charted {
  readonly data: ChartData
  readonly since: string
}

interface ChartProps {
  /** Names it: its heading, and what is read out of it. */
  title: string
  /** Says what one point is, for whoever looks at it, or hears it. */
  sayPoint: (data: ChartData, index: number) => string
  load: (api: Api) => Promise<Charted>
  /** Whose it is, where there are several servers. */
  scope: string
}

/** A line needs two points, and time between them. */
function canBeDrawn({ times }: ChartData): boolean {
  return (times.at(-1) ?? 0) - (times[0] ?? 0) >= PACE / 1000
}

/** Lines over time, which are read and drawn when the page is awake: neither code nor data is part of what it comes with. */
export function Chart({ title, sayPoint, load, scope }: ChartProps) {
  const { api, now, isAwake } = usePage()
  const element = useRef<HTMLDivElement>(null)
  const charted = useSignal<Charted | null>(null)
  const problem = useSignal('')
  const point = useSignal<number | null>(null)
  useEffect(() => {
    if (api === null) return
    let chart: DrawnChart | undefined
    let isGone = false
    const read = async (): Promise<void> => {
      try {
        const next = await load(api)
        const { drawChart } = await import('./draw-chart.ts')
        if (isGone || element.current === null) return
        charted.value = next
        problem.value = ''
        if (!canBeDrawn(next.data)) return
        if (chart === undefined) {
          chart = drawChart(element.current, next.data, (index) => {
            point.value = index
          })
        } else chart.update(next.data)
      } catch (error) {
        if (!isGone) problem.value = error instanceof Error ? error.message : String(error)
      }
    }
    void read()
    const timer = setInterval(() => {
      if (!document.hidden) void read()
    }, PACE)
    return () => {
      isGone = true
      clearInterval(timer)
      chart?.destroy()
    }
  }, [api])
  const { data, since } = charted.value ?? {}
  const last = data === undefined ? -1 : data.times.length - 1
  const shown = point.value === null || point.value > last ? last : point.value
  const words = data === undefined || last < 0 ? '' : sayPoint(data, shown)
  const at = data?.times[shown]
  return (
    <figure class="chart needs-script">
      <figcaption>
        <strong>{title}</strong>{' '}
        {since !== undefined && isAwake.value && (
          <span class="faint" title={utcWhole(since)}>
            since {localMoment(since, now.value)}: {scope} since it started, for a day at most
          </span>
        )}
      </figcaption>
      <div
        class="plot"
        ref={element}
        role="img"
        aria-label={`${title}: ${words === '' ? 'nothing yet' : words}`}
      />
      {data !== undefined && (
        <p class="readout">
          {at !== undefined && isAwake.value && (
            <strong>
              {shown === last ? 'Now' : localMoment(new Date(at * 1000).toISOString(), now.value)}:{' '}
            </strong>
          )}
          {words === '' ? 'Nothing was seen yet' : words}
          {!canBeDrawn(data) && '. A line appears after some minutes.'}
        </p>
      )}
      {data !== undefined && data.lines.length > 0 && canBeDrawn(data) && (
        <ul class="legend" aria-label="Lines">
          {data.lines.map(({ label, colorName }) => (
            <li key={label}>
              <svg viewBox="0 0 12 12" aria-hidden="true">
                <rect class={colorName.slice(2)} width="12" height="12" rx="2" />
              </svg>
              {label}
            </li>
          ))}
        </ul>
      )}
      {problem.value !== '' && <p class="faint">Not read: {problem.value}</p>}
    </figure>
  )
}
