import type { TagSeries } from '../../protocol/series.ts'
import { at } from '../api/api.ts'
import { botsOverTime, sayBots } from './bots-over-time.ts'
import { Chart } from './chart.tsx'

/** How many bots of a tag ran which release, over the last day. */
export function BotsByRelease({ model, tag }: { model: string; tag: string }) {
  return (
    <Chart
      title="Bots by release"
      scope="seen by this server"
      sayPoint={sayBots}
      load={async (api) => {
        const series = await api.get<TagSeries>(`${at.tag(model, tag)}/series`)
        return { data: botsOverTime(series), since: series.since }
      }}
    />
  )
}
