import type { Digest } from '../releases/release.ts'
import { liveProcesses, type Bot } from './bot.ts'
import { standingHints, type Hint } from './hint.ts'
import { BOT_STATES, processState, type BotState } from './process-state.ts'
import type { ProcessRecord } from './process-record.ts'
import { sharesName } from './shared-name.ts'

/**
 * The processes that speak for a bot: those that are there; where none is, the one heard last. Processes that a
 * restart left behind would make each bot look lost for good.
 */
export function presentProcesses(processes: readonly ProcessRecord[]): ProcessRecord[] {
  const live = liveProcesses(processes)
  if (live.length > 0) return live
  return processes.toSorted((one, other) => other.lastSeen - one.lastSeen).slice(0, 1)
}

/** "Where its processes differ, `state` is the worst" (docs/rollouts.md). */
export function botState({ processes }: Pick<Bot, 'processes'>): BotState {
  const states = new Set(presentProcesses(processes).map(processState))
  return BOT_STATES.find((state) => states.has(state)) ?? 'starting'
}

/** "`release` the one that most run" (docs/rollouts.md); the one that was loaded last where as many run others. */
export function botDigest({ processes }: Pick<Bot, 'processes'>): Digest | null {
  const present = presentProcesses(processes)
  const counts = new Map<Digest | null, number>()
  for (const { digest } of present) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  const winners = present.filter(({ digest }) => counts.get(digest) === most)
  return winners.toSorted((one, other) => other.since - one.since)[0]?.digest ?? null
}

/** What is betrayed of the way to a bot. */
export function botHints(bot: Pick<Bot, 'processes' | 'crowded' | 'hints'>, now: number): Hint[] {
  const seen = new Set(
    [bot.hints, ...presentProcesses(bot.processes).map(({ hints }) => hints)].flatMap((hints) =>
      standingHints(hints, now),
    ),
  )
  if (sharesName(bot)) seen.add('shared-name')
  return [...seen].toSorted()
}
