import type { Process } from '../../protocol/process.ts'
import type { RolloutPreview } from '../../protocol/rollout-preview.ts'

/** How fast bots are, in seconds; undefined: not known. */
export interface Pace {
  /** Between two polls. */
  readonly interval: number | undefined
  /** From the last byte of an archive to the poll that shows it loaded. */
  readonly load: number | undefined
}

/** How fast bots were so far: the middle of what was seen of them. */
export function paceOfBots(processes: readonly Pick<Process, 'interval' | 'loadSeconds'>[]): Pace {
  return {
    interval: median(processes.map(({ interval }) => interval)),
    load: median(processes.map(({ loadSeconds }) => loadSeconds)),
  }
}

/**
 * About how many seconds a promotion takes if nothing goes wrong; undefined where the bots are not known well enough.
 *
 * A bot takes the release at its next poll and shows it with the poll after it loaded. Of `n` bots of which `k` may update at
 * once, the last begins after `n / k` turns. Each step is passed after its soak, and at least one more poll.
 */
export function estimateSeconds(
  { steps, policy }: Pick<RolloutPreview, 'steps' | 'policy'>,
  { interval, load }: Pace,
): number | undefined {
  if (interval === undefined) return undefined
  const turn = interval + (load ?? interval) + policy.drain
  let [seconds, before] = [0, 0]
  for (const { bots } of steps) {
    const added = Math.max(0, bots - before)
    const atOnce = atOnceOf(policy.maxUpdating, bots)
    const turns = added === 0 ? 0 : atOnce === undefined ? 1 : Math.ceil(added / atOnce)
    seconds += turns * turn + Math.max(policy.soak, interval)
    before = bots
  }
  return seconds
}

function atOnceOf(maxUpdating: RolloutPreview['policy']['maxUpdating'], bots: number): number | undefined {
  if (maxUpdating === null || typeof maxUpdating === 'number') return maxUpdating ?? undefined
  return Math.max(1, Math.floor((Number.parseFloat(maxUpdating) / 100) * bots))
}

function median(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null).toSorted((one, other) => one - other)
  return known[Math.floor(known.length / 2)]
}
