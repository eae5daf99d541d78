import type { PollSeries } from '../../protocol/series.ts'
import { useMay } from '../page/context.ts'
import { Chart } from './chart.tsx'
import { pollsOverTime, sayPolls } from './polls-over-time.ts'

/** How many polls were answered and what failed, over the last day. */
export function PollsAndFailures() {
  // They are about the server as a whole.
  if (!useMay('read')) return null
  return (
    <Chart
      title="Polls and failures a minute"
      scope="answered by this server, and by no other,"
      sayPoint={sayPolls}
      load={async (api) => {
        const series = await api.get<PollSeries>('api/v1/series')
        return { data: pollsOverTime(series), since: series.since }
      }}
    />
  )
}
