import type { RolloutSummary } from '../../protocol/rollout.ts'
import { Dot, type DotState } from '../parts/state.tsx'

/** Beyond so many bots a dot stands for several. */
const MOST_DOTS = 240
const COLUMNS = 40
const CELL = 16

const STATES = ['updated', 'loading', 'failing', 'waiting', 'lost'] as const

/** The bots of a rollout as dots, those that run the new release first: they move over as it goes on. */
export function BotDots({ counts, label }: { counts: RolloutSummary['counts']; label: string }) {
  if (counts.bots === 0) return null
  const each = Math.ceil(counts.bots / MOST_DOTS)
  const dots = STATES.flatMap((state) => dotsOf(state, counts[state], each))
  const rows = Math.ceil(dots.length / COLUMNS)
  const columns = Math.min(dots.length, COLUMNS)
  return (
    <figure class="dots">
      <svg
        width={columns * CELL}
        height={rows * CELL}
        viewBox={`0 0 ${columns * CELL} ${rows * CELL}`}
        role="img"
        aria-label={label}
      >
        {dots.map((state, index) => (
          <Dot
            key={index}
            state={state}
            x={(index % COLUMNS) * CELL + CELL / 2}
            y={Math.floor(index / COLUMNS) * CELL + CELL / 2}
          />
        ))}
      </svg>
      {each > 1 && <figcaption class="faint">Each dot stands for {each} bots.</figcaption>}
    </figure>
  )
}

/** One bot alone of ten thousand has its dot, too. */
function dotsOf(state: DotState, bots: number, each: number): DotState[] {
  return new Array<DotState>(Math.ceil(bots / each)).fill(state)
}
