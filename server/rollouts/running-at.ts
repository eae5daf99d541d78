import type { StoredEvent } from '../catalog/events.ts'
import type { ReleaseNumberOf } from '../fleet/describe-bot.ts'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import { forEachBot } from '../fleet/list-fleet.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import type { Digest } from '../releases/release.ts'

/** The events that say what a process runs, or that it is gone. */
export const RUNNING_KINDS = ['loaded', 'runs', 'heard-again', 'lost', 'restarted-while-loading'] as const

/** What a bot ran at some moment. */
export interface RunningBot {
  readonly bot: string
  /** The tag that it polled. */
  readonly tag: string | null
  /** null: none, or one that the model does not have any more. */
  readonly release: number | null
  readonly digest: Digest | null
  /** Since when, as an instant. */
  readonly since: string
}

/** What one process of a bot ran. @see RunningBot */
export interface RunningProcess extends Pick<RunningBot, 'bot' | 'tag' | 'digest'> {
  /** Milliseconds since 1970. */
  readonly since: number
}

/**
 * Reads what processes ran from the last event of each. Those that were lost then are left out.
 *
 * @param events In the order in which they happened.
 */
export function runningByEvents(events: readonly StoredEvent[]): RunningProcess[] {
  return events.flatMap(({ bot, tag, at, kind, body }): RunningProcess[] => {
    if (bot === null || kind === 'lost' || kind === 'restarted-while-loading') return []
    const digest = typeof body['digest'] === 'string' ? body['digest'] : null
    return [{ bot, tag, digest, since: at }]
  })
}

/**
 * The processes that have run the same since before a moment, and of which no event says so: events are kept for a limited
 * time, and processes that an older server knew never had any.
 *
 * @param at Milliseconds since 1970.
 * @param known The processes of which an event says what they ran.
 */
export async function runningWithoutEvents(
  memory: FleetMemory,
  model: string,
  at: number,
  known: ReadonlySet<string | null>,
): Promise<RunningProcess[]> {
  const found: RunningProcess[] = []
  await forEachBot(memory, model, ({ bot, processes }) => {
    for (const record of processes) {
      if (known.has(record.process) || !wasRunning(record, at)) continue
      found.push({ bot, tag: record.tag, digest: record.digest, since: record.since })
    }
  })
  return found
}

function wasRunning({ digest, since, lostAt, replacedBy }: ProcessRecord, at: number): boolean {
  return digest !== null && since <= at && (lostAt === null || lostAt > at) && replacedBy === null
}

/**
 * Says what each bot ran: what its last process did.
 *
 * @param processes In the order in which they came to run it.
 */
export function runningBots(
  processes: readonly RunningProcess[],
  model: string,
  releaseOf: ReleaseNumberOf,
): RunningBot[] {
  const bots = new Map<string, RunningBot>()
  for (const { since, ...process } of processes) {
    const { bot, digest } = process
    const release = digest === null ? null : (releaseOf(model, digest) ?? null)
    bots.set(bot, { ...process, release, since: new Date(since).toISOString() })
  }
  return [...bots.values()].toSorted((one, other) => (one.bot < other.bot ? -1 : 1))
}
