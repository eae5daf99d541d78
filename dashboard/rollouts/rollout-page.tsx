import type { Bot } from '../../protocol/bot.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Rollout } from '../../protocol/rollout.ts'
import { at } from '../api/api.ts'
import { BotTable } from '../bots/bot-table.tsx'
import { addressOf, withQuery } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Facts } from '../parts/facts.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { policySentences } from '../tags/policy-sentences.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import { RolloutCard } from './rollout-card.tsx'
import { stepWord } from './rollout-sentence.ts'

/** So many names of the bots of a step are told; of 10,000 nobody reads more. */
const NAMED = 20

interface RolloutData {
  /** The names of its steps' bots cut to {@link NAMED}. */
  readonly rollout: Rollout
  readonly bots: List<Bot>
}

/** A rollout: its steps with their bots, and what can be done. */
export const rolloutPage: Page<RolloutData> = {
  path: 'dashboard/models/:model/rollouts/:id',
  menu: 'rollouts',
  title: ({ rollout: { model, tag, to } }) => `${model}@${tag} → ${to}`,
  async load(api, { params: { model = '', id = '' } }) {
    const rollout = await api.get<Rollout>(at.rollout(model, id))
    const bots = await api.get<List<Bot>>(withQuery('api/v1/bots', { model, tag: rollout.tag, limit: '100' }))
    return { rollout: { ...rollout, steps: firstMembers(rollout.steps) }, bots }
  },
  view({ rollout, bots }) {
    const { model, tag, from, to, policy, endedAt, startedAt, startedBy } = rollout
    return (
      <>
        <h1>
          Rollout of {model}@{tag}: {from ?? 'new'} → {to}
        </h1>
        <RolloutCard rollout={rollout} />
        <Facts
          items={[
            [
              'Begun',
              <>
                <Time at={startedAt} /> by {startedBy}
              </>,
            ],
            ['Ended', endedAt !== null && <Time at={endedAt} />],
            [
              'Tag',
              <To href={addressOf.tag(model, tag)}>
                {model}@{tag}
              </To>,
            ],
            ['Release', <To href={addressOf.release(model, to)}>{to}</To>],
            [
              'Instead of',
              from !== null && (
                <>
                  <To href={addressOf.release(model, from)}>{from}</To> (
                  <To href={addressOf.compare(model, from, to)}>what differs</To>)
                </>
              ),
            ],
            ['Policy', policySentences(policy).join(' ')],
          ]}
        />
        <section aria-labelledby="steps-title">
          <h2 id="steps-title">Steps</h2>
          <table class="rows">
            <Columns of={['Step', 'State', 'Bots', 'Begun', 'Ended']} />
            <tbody>
              {rollout.steps.map((step, index) => (
                <tr key={index}>
                  <th scope="row">
                    {index + 1}: {typeof step.target === 'number' ? count(step.target, 'bot') : step.target}
                  </th>
                  <td data-label="State">{stepWord(step.state, endedAt)}</td>
                  <td data-label="Bots">
                    {step.members.length === 0
                      ? count(step.bots, 'bot')
                      : nameSome(step.members, step.bots, NAMED)}
                  </td>
                  <td data-label="Begun">{step.startedAt !== null && <Time at={step.startedAt} />}</td>
                  <td data-label="Ended">{step.endedAt !== null && <Time at={step.endedAt} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section aria-labelledby="bots-title">
          <h2 id="bots-title">
            Bots of {model}@{tag}
          </h2>
          <BotTable bots={bots.items} empty="No bot polls it." />
          {bots.next !== null && <To href={addressOf.bots({ model, tag })}>All its bots</To>}
        </section>
      </>
    )
  },
  concerns: (event, { params }) => event.model === params['model'],
}

function firstMembers(steps: Rollout['steps']): Rollout['steps'] {
  return steps.map((step) => ({ ...step, members: step.members.slice(0, NAMED) }))
}
