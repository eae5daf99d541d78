import type { Bot } from './bot.ts'
import { countFailure, uncountRestart } from './failures.ts'
import type { FleetEvent } from './fleet-event.ts'
import { isSameMachine } from './machine.ts'
import type { ProcessRecord } from './process-record.ts'

/** Two workers of one start draw their names some 60 ms apart (measured): the second is no restart. */
export const STARTS_APART = 10_000

/** Processes of one bot before and after a restart, and what was concluded. */
export interface Replacement {
  readonly processes: readonly ProcessRecord[]
  readonly events: readonly FleetEvent[]
}

/**
 * "Fresh hex of a bot that is named by `instance`, 10 s or more after its previous fresh hex, while a process of it at
 * the same address is silent after `sent`: restarted while loading" (docs/rollouts.md).
 *
 * Weak evidence, counted apart. The counts pass to the new process, so that a crash loop is one bot's. A fresh name from another
 * machine replaces nothing: whoever knows the name of a bot could have it fail while it loads.
 *
 * @param fresh The new process, not among the bot's yet.
 */
export function replaceSilent(
  { processes, lastFreshAt }: Bot,
  fresh: ProcessRecord,
  now: number,
): Replacement {
  const isStart = lastFreshAt === null || now - lastFreshAt >= STARTS_APART
  const isNamed = fresh.source.instance !== null && fresh.digest === null
  const silent = isStart && isNamed ? silentAfterSent(processes, fresh) : []
  const [counted] = silent
  if (counted?.offer == null) return { processes: [...processes, fresh], events: [] }
  const { release, digest } = counted.offer
  const reason = `began anew while it was loading release ${release}`
  const failures = countFailure(counted.failures, counted.offer, 'restart', now, reason)
  const others = processes.map((process) => {
    if (!silent.includes(process)) return process
    // All workers of a start end together: one restart, whatever their number.
    const passed = process === counted ? { failures: [] } : {}
    return { ...process, ...passed, replacedBy: fresh.process }
  })
  return {
    processes: [...others, { ...fresh, failures, replaces: counted.process }],
    events: [
      {
        kind: 'restarted-while-loading',
        process: fresh.process,
        at: now,
        replaced: counted.process,
        release,
        digest,
      },
    ],
  }
}

/** The longest silent first. */
function silentAfterSent(processes: readonly ProcessRecord[], fresh: ProcessRecord): ProcessRecord[] {
  return processes
    .filter(({ offer, replacedBy }) => offer?.sentAt != null && replacedBy === null)
    .filter(({ source }) => isSameMachine(source, fresh.source))
    .toSorted((one, other) => one.lastSeen - other.lastSeen)
}

/** "Undone if the silent one polls again" (docs/rollouts.md): it was another worker, or a pod of the same name. */
export function undoReplacement(
  processes: readonly ProcessRecord[],
  { process: silent, replacedBy, offer }: ProcessRecord,
  now: number,
): Replacement {
  if (replacedBy === null || offer === null) return { processes, events: [] }
  const wasCounted = processes.some(
    (process) => process.process === replacedBy && process.replaces === silent,
  )
  if (!wasCounted) return { processes, events: [] }
  const { release, digest } = offer
  return {
    processes: processes.map((process) =>
      process.process === replacedBy && process.replaces === silent
        ? { ...process, failures: uncountRestart(process.failures, digest), replaces: null }
        : process,
    ),
    events: [{ kind: 'restart-undone', process: silent, at: now, replacement: replacedBy, release, digest }],
  }
}
