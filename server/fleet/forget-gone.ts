import { isLive } from './bot.ts'
import { mergeFailures } from './failures.ts'
import { isSameMachine } from './machine.ts'
import type { ProcessRecord } from './process-record.ts'

/** Processes of earlier starts that are kept for each bot: one that crashes every minute leaves no thousand of them. */
const MOST_GONE = 16

/**
 * Forgets the processes of a bot that have been gone longest, where there are many. What they failed at passes to the
 * newest of the same machine: a crash loop is one bot's.
 */
export function forgetGone(processes: readonly ProcessRecord[]): readonly ProcessRecord[] {
  const gone = processes.filter((process) => !isLive(process))
  const newest = processes.at(-1)
  if (gone.length <= MOST_GONE || newest === undefined) return processes
  const forgotten = new Set(
    gone
      .filter((process) => process !== newest)
      .toSorted((one, other) => one.lastSeen - other.lastSeen)
      .slice(0, gone.length - MOST_GONE),
  )
  const failures = [...forgotten]
    .filter(({ source }) => isSameMachine(source, newest.source))
    .reduce((sum, each) => mergeFailures(each.failures, sum), newest.failures)
  return processes
    .filter((process) => !forgotten.has(process))
    .map((process) => (process === newest ? { ...newest, failures } : process))
}
