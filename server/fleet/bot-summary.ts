import { BOT_STATES, type BotState } from '../../protocol/bot-states.ts'
import type { Digest } from '../releases/release.ts'
import { liveProcesses, type Bot } from './bot.ts'
import { standingHints, type Hint } from './hint.ts'
import { processState } from './process-state.ts'
import type { ProcessRecord } from './process-record.ts'
import { sharesName } from './shared-name.ts'

/**
 * The processes that speak for a bot: those that are there; where none is, the one heard last. Processes that a
 * restart left behind would make each bot look lost for good.
 */
export function presentProcesses(processes: readonly ProcessRecord[]): readonly ProcessRecord[] {
  // Of 50,000 bots most have one.
  if (processes.length < 2) return processes
  const live = liveProcesses(processes)
  if (live.length > 0) return live
  const last = latest(processes)
  return last === undefined ? [] : [last]
}

/** The process that polled last of those that speak for a bot: the bot is on its tag. */
export function lastHeard(processes: readonly ProcessRecord[]): ProcessRecord | undefined {
  return latest(presentProcesses(processes))
}

function latest(processes: readonly ProcessRecord[]): ProcessRecord | undefined {
  let last: ProcessRecord | undefined
  for (const process of processes) {
    if (last === undefined || process.lastSeen > last.lastSeen) last = process
  }
  return last
}

/** "Where its processes differ, `state` is the worst" (docs/rollouts.md). */
export function botState({ processes }: Pick<Bot, 'processes'>): BotState {
  let worst: number = BOT_STATES.length
  for (const process of presentProcesses(processes)) {
    const rank = BOT_STATES.indexOf(processState(process))
    if (rank < worst) worst = rank
    if (worst === 0) break
  }
  return BOT_STATES[worst] ?? 'starting'
}

/** "`release` the one that most run" (docs/rollouts.md); the one that was loaded last where as many run others. */
export function botDigest({ processes }: Pick<Bot, 'processes'>): Digest | null {
  const present = presentProcesses(processes)
  const counts = new Map<Digest | null, number>()
  for (const { digest } of present) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  let most = 0
  // No spread: each of 100,000 names behind one address may run something else.
  for (const count of counts.values()) most = Math.max(most, count)
  let last: ProcessRecord | undefined
  for (const process of present) {
    if (counts.get(process.digest) === most && process.since > (last?.since ?? -Infinity)) last = process
  }
  return last?.digest ?? null
}

/** What is betrayed of the way to a bot. */
export function botHints(bot: Pick<Bot, 'processes' | 'crowded' | 'hints'>, now: number): Hint[] {
  const isPlain = !bot.crowded && bot.processes.length < 2 && !hasHints(bot) && !bot.processes.some(hasHints)
  if (isPlain) return []
  const seen = new Set(standingHints(bot.hints, now))
  for (const process of bot.processes.some(hasHints) ? presentProcesses(bot.processes) : []) {
    if (!hasHints(process)) continue
    const { hints } = process
    for (const hint of standingHints(hints, now)) seen.add(hint)
  }
  if (sharesName(bot)) seen.add('shared-name')
  return [...seen].toSorted()
}

function hasHints({ hints }: Pick<Bot, 'hints'>): boolean {
  for (const _ in hints) return true
  return false
}
