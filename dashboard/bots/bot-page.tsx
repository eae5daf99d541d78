import type { BotDetails } from '../../protocol/bot-details.ts'
import { at } from '../api/api.ts'
import { addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import type { Where } from '../page/where.ts'
import { Columns } from '../parts/columns.tsx'
import { Facts } from '../parts/facts.tsx'
import { StateBadge } from '../parts/state.tsx'
import { Age, Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { Activities } from '../overview/activity-list.tsx'
import { addEvents } from '../overview/activity.ts'
import { duration } from '../text/duration.ts'
import { botNote } from './bot-note.ts'
import { Running } from './bot-table.tsx'

/** A bot: its processes, and what happened to it. */
export const botPage: Page<BotDetails> = {
  path: 'dashboard/models/:model/bots/:bot',
  menu: 'bots',
  title: ({ bot }) => bot,
  load: (api, where) => api.get(at.bot(where.params['model'] ?? '', nameIn(where))),
  view(bot) {
    const { model, tag, state, since, lastSeen, firstSeen, interval, failures, processes, timeline } = bot
    return (
      <>
        <h1>{bot.bot}</h1>
        <Facts
          items={[
            ['State', <StateBadge state={state} />],
            [
              'Runs',
              <>
                <Running bot={bot} /> since <Time at={since} />
              </>,
            ],
            [
              'Tag',
              <To href={addressOf.tag(model, tag)}>
                {model}@{tag}
              </To>,
            ],
            [
              'Heard',
              <>
                <Age at={lastSeen} />, for the first time <Time at={firstSeen} />
              </>,
            ],
            ['Polls', interval === null ? '' : `every ${duration(interval)}`],
            ['Note', botNote(bot)],
            ['What failed last', failures?.reason],
          ]}
        />
        <section aria-labelledby="processes-title">
          <h2 id="processes-title">Processes</h2>
          <table class="rows">
            <Columns of={['Process', 'State', 'Runs', 'Loaded in', 'Heard', 'Note']} />
            <tbody>
              {processes.map((process) => (
                <tr key={process.process}>
                  <th scope="row">
                    <code>{process.process.slice(0, 12)}</code>
                  </th>
                  <td data-label="State">
                    <StateBadge state={process.state} />
                  </td>
                  <td data-label="Runs">
                    <Running bot={process} />
                  </td>
                  <td data-label="Loaded in">
                    {process.loadSeconds !== null && duration(process.loadSeconds)}
                  </td>
                  <td data-label="Heard">
                    <Age at={process.lastSeen} />
                  </td>
                  <td data-label="Note">{botNote(process)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section class="activity" aria-labelledby="timeline-title">
          <h2 id="timeline-title">What happened</h2>
          <Activities activities={addEvents([], timeline.toReversed(), 100)} />
        </section>
      </>
    )
  },
  concerns: (event, where) => event.bot === nameIn(where),
}

/** The name of a bot that its page is about. @see addressOf.bot */
function nameIn({ params, query }: Where): string {
  return query['bot'] ?? params['bot'] ?? ''
}
