import type { RolloutSummary } from '../../protocol/rollout.ts'
import { count } from '../text/count.ts'
import { stepWord } from './rollout-sentence.ts'

/** The steps of a rollout in their order, with what was found of each. */
export function Stepper({ rollout }: { rollout: Pick<RolloutSummary, 'steps' | 'step' | 'endedAt'> }) {
  const { steps, step: current, endedAt } = rollout
  return (
    <ol class="stepper" aria-label="Steps">
      {steps.map(({ target, bots, state }, index) => (
        <li key={index} class={state} aria-current={index === current ? 'step' : undefined}>
          <span class="number" aria-hidden="true">
            {MARKS[state] ?? index + 1}
          </span>
          <span>
            <strong>{typeof target === 'number' ? count(target, 'bot') : target}</strong>
            {typeof target === 'number' ? '' : ` ${count(bots, 'bot')}`}
            {state === 'failed' ? ', step ' : ' '}
            <span class="faint">{stepWord(state, endedAt)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

const MARKS: Partial<Record<string, string>> = { passed: '✓', failed: '✕', inconclusive: '?' }
