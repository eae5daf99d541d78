import { liveProcesses, type Bot } from './bot.ts'
import type { ProcessRecord } from './process-record.ts'

/** More workers than a Rasa process has cores to run. */
const MOST_WORKERS = 8

/**
 * "One name for processes that poll from several addresses alternately, or for more than eight" (docs/rollouts.md).
 *
 * A pod that comes back with another address is no such case: the old one's last poll lies before the new one's first.
 * Nor is one that crashes again and again: of its processes only those count that polled since the last of them began.
 */
export function sharesName({ processes, crowded }: Pick<Bot, 'processes' | 'crowded'>): boolean {
  if (crowded) return true
  const live = liveProcesses(processes)
  if (live.length < 2) return false
  const newest = Math.max(...live.map(({ firstSeen }) => firstSeen))
  if (live.filter(({ lastSeen }) => lastSeen >= newest).length > MOST_WORKERS) return true
  return live.some((one, index) => live.slice(index + 1).some((other) => alternate(one, other)))
}

function alternate(one: ProcessRecord, other: ProcessRecord): boolean {
  return (
    one.source.address !== other.source.address &&
    one.lastSeen > other.firstSeen &&
    other.lastSeen > one.firstSeen
  )
}
