import type { Bot } from '../../protocol/bot.ts'
import { addressOf } from '../page/address-of.ts'
import { Columns } from '../parts/columns.tsx'
import { StateBadge } from '../parts/state.tsx'
import { Age } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { botNote } from './bot-note.ts'

/** Bots, each in a row. @param empty What is said where there are none. */
export function BotTable({ bots, empty }: { bots: readonly Bot[]; empty: string }) {
  if (bots.length === 0) return <p class="faint">{empty}</p>
  return (
    <table class="rows bots">
      <Columns of={['Bot', 'State', 'Runs', 'Tag', 'Heard', 'Note']} />
      <tbody>
        {bots.map((bot) => (
          <tr key={`${bot.model}\n${bot.bot}`}>
            <th scope="row">
              <To href={addressOf.bot(bot.model, bot.bot)}>{bot.bot}</To>
              {bot.processes > 1 && <span class="note">{bot.processes} processes</span>}
            </th>
            <td data-label="State">
              <StateBadge state={bot.state} />
            </td>
            <td data-label="Runs">
              <Running bot={bot} />
            </td>
            <td data-label="Tag" class="name">
              <To href={addressOf.tag(bot.model, bot.tag)}>
                {bot.model}@{bot.tag}
              </To>
            </td>
            <td data-label="Heard">
              <Age at={bot.lastSeen} />
            </td>
            <td data-label="Note">{botNote(bot)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The release that a bot runs, as a link. */
export function Running({
  bot: { model, release, digest },
}: {
  bot: Pick<Bot, 'model' | 'release' | 'digest'>
}) {
  if (release === null)
    return <span class="faint">{digest === null ? 'nothing yet' : 'a model of its own'}</span>
  return (
    <To href={addressOf.release(model, release)} class="release">
      {release}
    </To>
  )
}
