import type { Bot as WireBot } from '../../protocol/bot.ts'
import type { Process as WireProcess } from '../../protocol/process.ts'
import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import { botDigest, botHints, botState, lastHeard, presentProcesses } from './bot-summary.ts'
import { mergeFailures } from './failures.ts'
import { standingHints } from './hint.ts'
import { learnedInterval } from './learned-interval.ts'
import { processState } from './process-state.ts'
import type { Failure, Offer, ProcessRecord } from './process-record.ts'

/** The number of the release of a model that has these bytes; undefined where none has. */
export type ReleaseNumberOf = (model: string, digest: Digest) => number | undefined

/** Says of a bot what people and programs are told. @param now Milliseconds since 1970. */
export function describeBot(bot: Bot, releaseOf: ReleaseNumberOf, now: number): WireBot {
  const present = presentProcesses(bot.processes)
  const last = lastHeard(present)
  if (last === undefined) throw new Error(`The bot "${bot.bot}" has no process`)
  // Of 100,000 names behind one address each look takes its time: at those that are gone one is enough.
  const there = { ...bot, processes: present }
  const digest = botDigest(there)
  return {
    ...{ bot: bot.bot, model: bot.model, tag: last.tag, state: botState(there) },
    ...releaseFields(bot.model, digest, releaseOf),
    since: instant(lastSince(present, digest)),
    lastSeen: instant(last.lastSeen),
    firstSeen: instant(
      bot.processes.reduce((first, each) => Math.min(first, each.firstSeen), last.firstSeen),
    ),
    processes: present.length,
    interval: intervalOf(last),
    offered: offered(present.find(({ offer }) => offer !== null)?.offer ?? null),
    failures: lastFailure(
      bot.processes
        .filter(({ failures }) => failures.length > 0)
        .reduce<readonly Failure[]>((sum, { failures }) => mergeFailures(sum, failures), []),
    ),
    hints: botHints(bot, now),
  }
}

/** When the last of them came to run it. No spread: thousands of bots behind one address may be one. */
function lastSince(processes: readonly ProcessRecord[], digest: Digest | null): number {
  let last = 0
  for (const { since, digest: runs } of processes) if (runs === digest && since > last) last = since
  return last
}

/** Says of one process of a bot what people and programs are told. @param now Milliseconds since 1970. */
export function describeProcess(
  { model, bot }: Pick<Bot, 'model' | 'bot'>,
  process: ProcessRecord,
  releaseOf: ReleaseNumberOf,
  now: number,
): WireProcess {
  return {
    ...{ process: process.process, bot, model, tag: process.tag, state: processState(process) },
    ...releaseFields(model, process.digest, releaseOf),
    since: instant(process.since),
    lastSeen: instant(process.lastSeen),
    firstSeen: instant(process.firstSeen),
    interval: intervalOf(process),
    offered: offered(process.offer),
    failures: lastFailure(process.failures),
    hints: standingHints(process.hints, now),
    loadSeconds: process.loadSeconds,
  }
}

function releaseFields(model: string, digest: Digest | null, releaseOf: ReleaseNumberOf) {
  return { release: digest === null ? null : (releaseOf(model, digest) ?? null), digest }
}

function intervalOf({ gaps }: ProcessRecord): number | null {
  const interval = learnedInterval(gaps)
  return interval === undefined ? null : Math.round(interval / 1000)
}

function offered(offer: Offer | null): WireProcess['offered'] {
  if (offer === null) return null
  const { release, begunAt, sentAt, attempt } = offer
  return { release, at: instant(begunAt), sentAt: sentAt === null ? null : instant(sentAt), attempt }
}

function lastFailure(failures: readonly Failure[]): WireProcess['failures'] {
  const last = failures.toSorted((one, other) => other.lastAt - one.lastAt)[0]
  if (last === undefined) return null
  const { release, loads, transfers, restarts, reason } = last
  return { release, loads, transfers, restarts, reason }
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
