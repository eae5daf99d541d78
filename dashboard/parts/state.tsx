import type { Bot } from '../../protocol/bot.ts'

type State = Bot['state']

/** A bot's state with its dot: told by shape and word, not by colour alone. */
export function StateBadge({ state }: { state: State }) {
  return (
    <span class={`state ${state}`}>
      <svg class="dot" viewBox="0 0 16 16" aria-hidden="true">
        <Dot state={state} x={8} y={8} />
      </svg>
      {state}
    </span>
  )
}

/** The dot of a bot: full where it runs, a ring where it is on the way, crossed where it fails, broken where it is lost. */
export function Dot({ state, x, y }: { state: DotState; x: number; y: number }) {
  const radius = 6
  switch (state) {
    case 'running':
    case 'updated':
      return <circle class="dot-good" cx={x} cy={y} r={radius} />
    case 'loading':
    case 'draining':
      return (
        <g class="dot-busy">
          <circle cx={x} cy={y} r={radius - 1} fill="none" />
          <path d={`M${x} ${y - radius + 1}a${radius - 1} ${radius - 1} 0 0 1 0 ${2 * radius - 2}z`} />
        </g>
      )
    case 'waiting':
    case 'starting':
      return <circle class="dot-wait" cx={x} cy={y} r={radius - 1} fill="none" />
    case 'failing':
      return (
        <g class="dot-bad">
          <circle cx={x} cy={y} r={radius} />
          <path d={`M${x - 2.5} ${y - 2.5}l5 5m0 -5l-5 5`} />
        </g>
      )
    case 'lost':
      return <circle class="dot-lost" cx={x} cy={y} r={radius - 1} fill="none" />
  }
}

export type DotState = State | 'updated'
