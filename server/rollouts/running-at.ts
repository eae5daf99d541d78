import type { StoredEvent } from '../catalog/events.ts'
import type { ReleaseNumberOf } from '../fleet/describe-bot.ts'
import type { Digest } from '../releases/release.ts'

/** The events that say what a process runs, or that it is gone. */
export const RUNNING_KINDS = ['loaded', 'runs', 'lost', 'restarted-while-loading'] as const

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

/**
 * Reads what each bot ran from the last event of each of its processes: the one that came last says it for the bot. Bots
 * that were lost then are left out.
 *
 * @param events In the order in which they happened.
 */
export function runningAt(
  events: readonly StoredEvent[],
  model: string,
  releaseOf: ReleaseNumberOf,
): RunningBot[] {
  const bots = new Map<string, RunningBot>()
  for (const { bot, tag, at, kind, body } of events) {
    if (bot === null || kind === 'lost' || kind === 'restarted-while-loading') continue
    const digest = typeof body['digest'] === 'string' ? body['digest'] : null
    const release = digest === null ? null : (releaseOf(model, digest) ?? null)
    bots.set(bot, { bot, tag, release, digest, since: new Date(at).toISOString() })
  }
  return [...bots.values()].toSorted((one, other) => (one.bot < other.bot ? -1 : 1))
}
