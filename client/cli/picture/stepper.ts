import type { RolloutSummary } from '../../../protocol/rollout.ts'
import type { ScreenStyle } from '../screen.ts'
import type { Color, Span } from './paint.ts'

type Step = RolloutSummary['steps'][number]

const SHAPES: Readonly<Record<Step['state'], { unicode: string; ascii: string; color: Color }>> = {
  passed: { unicode: '✔', ascii: '+', color: 'green' },
  running: { unicode: '▶', ascii: '>', color: 'blue' },
  waiting: { unicode: '·', ascii: '-', color: 'grey' },
  failed: { unicode: '✖', ascii: 'x', color: 'red' },
  inconclusive: { unicode: '?', ascii: '?', color: 'yellow' },
}

/** The steps of a rollout in a row: `✔ 1 ── ▶ 25% ── · 100%`. */
export function stepper(
  steps: readonly Pick<Step, 'target' | 'state'>[],
  { hasUnicode }: Pick<ScreenStyle, 'hasUnicode'>,
): Span[] {
  return steps.flatMap(({ target, state }, index) => {
    const { unicode, ascii, color } = SHAPES[state]
    const step: Span = { text: `${hasUnicode ? unicode : ascii} ${target}`, color }
    const line: Span = { text: hasUnicode ? ' ── ' : ' -- ', color: 'grey' }
    return index === 0 ? [step] : [line, step]
  })
}
