import type { RolloutSummary } from '../../protocol/rollout.ts'
import { steeringActions } from '../actions/steer-rollout.ts'
import { addressOf } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import { ActionButtons } from '../parts/action-button.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Age } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { BotDots } from './bot-dots.tsx'
import { countsSentence, soakSentence, stateSentence } from './rollout-sentence.ts'
import { Stepper } from './stepper.tsx'

/**
 * A rollout that is under way: its steps, its bots as dots, and what can be done.
 *
 * @param heading The level that its place on the page asks for.
 */
export function RolloutCard({
  rollout,
  heading: Heading = 'h2',
}: {
  rollout: RolloutSummary
  heading?: 'h2' | 'h3'
}) {
  const { model, tag, from, to, startedAt, startedBy, id, state } = rollout
  const { now } = usePage()
  const soak = soakSentence(rollout, now.value)
  return (
    <article class={`rollout ${state}`}>
      <header>
        <Heading>
          <To href={addressOf.rollout(model, id)}>
            {model}@{tag}: {from === null ? `release ${to}` : `${from} → ${to}`}
          </To>
        </Heading>
        <p class="faint">
          {stateSentence(rollout)}, begun <Age at={startedAt} /> by {startedBy}
        </p>
      </header>
      <Stepper rollout={rollout} />
      <BotDots counts={rollout.counts} label={countsSentence(rollout)} />
      <p>{countsSentence(rollout)}</p>
      {soak !== undefined && <p>{soak}</p>}
      {rollout.reason !== null && (
        <p class="detail">
          Why: <Sentence text={rollout.reason} />
        </p>
      )}
      <div class="buttons">
        <ActionButtons actions={steeringActions(rollout)} />
      </div>
    </article>
  )
}
