import type { TagOverview } from '../../protocol/overview.ts'

/** The bots of a tag as a bar: those that run its release, those on the way, those that fail or are lost. Its words stand beside it. */
export function BotBar({ bots: { all, updated, states } }: { bots: TagOverview['bots'] }) {
  if (all === 0) return null
  const bad = states.failing ?? 0
  const lost = states.lost ?? 0
  const busy = (states.loading ?? 0) + (states.draining ?? 0)
  // A bot that fails may run the release all the same, in another process.
  const good = Math.min(updated, all - bad - lost - busy)
  const parts = [
    ['good', good],
    ['busy', busy],
    ['wait', all - good - busy - bad - lost],
    ['bad', bad],
    ['lost', lost],
  ] as const
  let x = 0
  return (
    <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(([kind, number]) => {
        // One of ten thousand that fails must be seen.
        const width = number === 0 ? 0 : Math.max((number / all) * 100, 1.5)
        const begin = Math.min(x, 100 - width)
        x = begin + width
        return (
          number > 0 && <rect key={kind} class={`bar-${kind}`} x={begin} y={0} width={width} height={4} />
        )
      })}
    </svg>
  )
}
