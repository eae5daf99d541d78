import type { Bot } from '../../../protocol/bot.ts'
import type { ScreenStyle } from '../screen.ts'
import type { Color, Span } from './paint.ts'

type State = Bot['state']

/** A shape of its own for each state, so that nobody needs to see colours; in the order in which they are drawn. */
const DOTS: Readonly<Record<State, { unicode: string; ascii: string; color: Color }>> = {
  running: { unicode: '●', ascii: '#', color: 'green' },
  loading: { unicode: '◐', ascii: 'o', color: 'blue' },
  draining: { unicode: '◌', ascii: 'd', color: 'blue' },
  starting: { unicode: '◔', ascii: 's', color: 'blue' },
  waiting: { unicode: '○', ascii: '.', color: 'grey' },
  lost: { unicode: '?', ascii: '?', color: 'yellow' },
  failing: { unicode: '✖', ascii: 'x', color: 'red' },
}

/** How many bots are in each state. */
export type StateCounts = Readonly<Partial<Record<State, number>>>

/**
 * Bots as dots: one each where there is room, else in proportion, and no state that there is has no dot at all.
 *
 * @param width Dots at most; at least as many as there are states.
 */
export function botDots(
  counts: StateCounts,
  width: number,
  { hasUnicode }: Pick<ScreenStyle, 'hasUnicode'>,
): Span[] {
  return shares(present(counts), width).map(([state, dots]) => {
    const { unicode, ascii, color } = DOTS[state]
    return { text: (hasUnicode ? unicode : ascii).repeat(dots), color }
  })
}

/** The counts in words: `41 running, 1 loading, 1 failing`. */
export function describeStates(counts: StateCounts): string {
  return present(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')
}

/** Counts bots by their states. */
export function countStates(bots: readonly Pick<Bot, 'state'>[]): StateCounts {
  const counts: Partial<Record<State, number>> = {}
  for (const { state } of bots) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function present(counts: StateCounts): [State, number][] {
  return (Object.keys(DOTS) as State[]).flatMap((state) => {
    const count = counts[state] ?? 0
    return count === 0 ? [] : [[state, count]]
  })
}

function shares(counts: [State, number][], width: number): [State, number][] {
  const all = counts.reduce((sum, [, count]) => sum + count, 0)
  if (all <= width) return counts
  const dots = counts.map(([, count]) => Math.max(1, Math.floor((count / all) * width)))
  // What rounding left over, or took too much of, goes to the longest.
  const longest = dots.indexOf(Math.max(...dots))
  const spare = width - dots.reduce((sum, each) => sum + each, 0)
  return counts.map(([state], index) => [state, (dots[index] ?? 0) + (index === longest ? spare : 0)])
}
