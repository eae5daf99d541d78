import type { RolloutSummary } from '../../../protocol/rollout.ts'
import { describeCounts, describeSoak } from '../describe-rollout.ts'
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

/** A rollout in three lines to five: where it is, its steps, its bots, how long it soaks, and why. @param now Milliseconds since 1970. */
export function rolloutPicture(rollout: RolloutSummary, style: ScreenStyle, now: number): Span[][] {
  const soak = describeSoak(rollout, now)
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
    ...(soak === undefined ? [] : [[{ text: `  ${soak}` }]]),
    ...(reason === null ? [] : [[{ text: `  ${reason}`, color: STATE_COLORS[state] }]]),
  ]
}
