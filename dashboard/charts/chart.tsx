import type { Api } from '../api/api.ts'
import { usePage } from '../page/context.ts'
import { localMoment, utcWhole } from '../text/moment.ts'
import type { ChartData } from './chart-data.ts'
import { canBeDrawn, type Charted } from './charted.ts'
import { useCharted } from './use-charted.ts'

interface ChartProps {
  /** Names it: its heading, and what is read out of it. */
  title: string
  /** Says what one point is, for whoever looks at it, or hears it. */
  sayPoint: (data: ChartData, index: number) => string
  load: (api: Api) => Promise<Charted>
  /** Whose it is, where there are several servers. */
  scope: string
}

/** Lines over time, with what they say in words. */
export function Chart({ title, sayPoint, load, scope }: ChartProps) {
  const { now, isAwake } = usePage()
  const { element, charted, problem, point } = useCharted(load)
  const { data, since } = charted.value ?? {}
  const last = data === undefined ? -1 : data.times.length - 1
  const shown = point.value === null || point.value > last ? last : point.value
  const words = data === undefined || last < 0 ? '' : sayPoint(data, shown)
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
      {data !== undefined && <Readout data={data} shown={shown} words={words} />}
      {data !== undefined && data.lines.length > 0 && canBeDrawn(data) && <Legend lines={data.lines} />}
      {problem.value !== '' && <p class="faint">Not read: {problem.value}</p>}
    </figure>
  )
}

/** Says one point of the lines. @param shown Which, from 0; -1: there is none */
function Readout({ data, shown, words }: { data: ChartData; shown: number; words: string }) {
  const { now, isAwake } = usePage()
  const at = data.times[shown]
  return (
    <p class="readout">
      {at !== undefined && isAwake.value && (
        <strong>{localMoment(new Date(at * 1000).toISOString(), now.value)}: </strong>
      )}
      {words === '' ? 'Nothing was seen yet' : words}
      {!canBeDrawn(data) && '. A line appears after some minutes.'}
    </p>
  )
}

function Legend({ lines }: Pick<ChartData, 'lines'>) {
  return (
    <ul class="legend" aria-label="Lines">
      {lines.map(({ label, colorName }) => (
        <li key={label}>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <rect class={colorName.slice(2)} width="12" height="12" rx="2" />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  )
}
