import { useSignal } from '@preact/signals'
import type { RunningBot, Timeline } from '../../protocol/timeline.ts'
import { at } from '../api/api.ts'
import { Running } from '../bots/bot-table.tsx'
import { addressOf, withQuery } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { count } from '../text/count.ts'
import { localField } from '../text/moment.ts'

interface TimelineData {
  readonly at: string
  readonly items: readonly RunningBot[]
  /** Whether there are more than are told. */
  readonly hasMore: boolean
}

/** Of 10,000 bots so many stand on the page; the API tells all. */
const MOST_BOTS = 500

/** What each bot of a model ran at a moment. */
export const timelinePage: Page<TimelineData> = {
  path: 'dashboard/models/:model/timeline',
  menu: 'models',
  title: (_, { params }) => `${params['model'] ?? ''}: what ran when`,
  async load(api, { params: { model = '' }, query }) {
    const when = query['at'] === undefined ? undefined : asInstant(query['at'])
    const timeline = await api.get<Timeline>(
      withQuery(`${at.model(model)}/timeline`, { at: when, limit: String(MOST_BOTS) }),
    )
    return { at: timeline.at, items: timeline.items, hasMore: timeline.next !== null }
  },
  view({ at: moment, items, hasMore }, { params: { model = '' } }) {
    return (
      <>
        <h1>
          What ran on the bots of <To href={addressOf.model(model)}>{model}</To>
        </h1>
        <TimelineForm model={model} at={moment} />
        <p>
          {hasMore ? `The first ${items.length} bots` : count(items.length, 'bot')} at <Time at={moment} />
          {hasMore ? '; there are more' : ''}.
        </p>
        {items.length > 0 && (
          <table class="rows">
            <Columns of={['Bot', 'Ran', 'Tag', 'Since']} />
            <tbody>
              {items.map((bot) => (
                <tr key={bot.bot}>
                  <th scope="row">
                    <To href={addressOf.bot(model, bot.bot)}>{bot.bot}</To>
                  </th>
                  <td data-label="Ran">
                    <Running bot={{ model, release: bot.release, digest: bot.digest }} />
                  </td>
                  <td data-label="Tag" class="name">
                    {bot.tag}
                  </td>
                  <td data-label="Since">
                    <Time at={bot.since} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </>
    )
  },
  concerns: () => false,
}

/** Asks for a moment in the reader's zone; in UTC where no script runs, as nobody knows the zone then. */
function TimelineForm({ model, at: moment }: { model: string; at: string }) {
  const { root, isAwake } = usePage()
  const chosen = useSignal(moment)
  return (
    <form class="compare" method="get" action={root + addressOf.timeline(model)}>
      <label>
        What ran at <span class="faint">({isAwake.value ? 'your time' : 'UTC'})</span>{' '}
        <input
          type="datetime-local"
          name={isAwake.value ? undefined : 'at'}
          required
          defaultValue={isAwake.value ? localField(moment) : moment.slice(0, 16)}
          onInput={({ currentTarget: { value } }) => {
            // Without a zone it is the browser's (ECMA-262 §21.4.1.32).
            if (value !== '') chosen.value = new Date(value).toISOString()
          }}
        />
      </label>
      {isAwake.value && <input type="hidden" name="at" value={chosen.value} />}
      <button type="submit">Show</button>
    </form>
  )
}

/** What a field for a date and a time sends, as a moment in UTC. */
function asInstant(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text
}
