import type { RolloutSummary } from '../../../protocol/rollout.ts'
import { describeCounts } from '../describe-rollout.ts'
import type { ScreenStyle } from '../screen.ts'
import { botDots } from './bot-dots.ts'
import type { Color, Span } from './paint.ts'
import { stepper } from './stepper.ts'

const STATE_COLORS: Readonly<Record<RolloutSummary['state'], Color>> = {
  running: 'blue',
  paused: 'yellow',
  reverting: 'red',
  reverted: 'red',
  aborted: 'yellow',
  replaced: 'grey',
  done: 'green',
}

/** A rollout in three lines or four: where it is, its steps, its bots, and why. */
export function rolloutPicture(rollout: RolloutSummary, style: ScreenStyle): Span[][] {
  const { model, tag, from, to, state, steps, counts, reason } = rollout
  const arrow = style.hasUnicode ? '→' : '->'
  const dots = { running: counts.updated, ...counts }
  return [
    [
      { text: `${model}@${tag}`, color: 'bold' },
      { text: `  ${from ?? '-'} ${arrow} ${to}  ` },
      { text: state, color: STATE_COLORS[state] },
    ],
    [{ text: '  ' }, ...stepper(steps, style)],
    [{ text: '  ' }, ...botDots(dots, style.columns - 4, style)],
    [{ text: `  ${describeCounts(rollout)}` }],
    ...(reason === null ? [] : [[{ text: `  ${reason}`, color: STATE_COLORS[state] }]]),
  ]
}
