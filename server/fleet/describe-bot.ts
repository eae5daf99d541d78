import type { Bot as WireBot } from '../../protocol/bot.ts'
import type { Process as WireProcess } from '../../protocol/process.ts'
import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import { botHints } from './bot-summary.ts'
import { newestFailure } from './failures.ts'
import { standingHints } from './hint.ts'
import { learnedInterval } from './learned-interval.ts'
import { processState } from './process-state.ts'
import type { Failure, Offer, ProcessRecord } from './process-record.ts'
import { surveyBot } from './survey-bot.ts'

/**
 * The number of the release of a model that has these bytes; undefined where none has.
 *
 * @param tag The tag that is polled by who runs them: of several releases with these bytes it is the one that the tag leads to, if it leads
 * to one of them, else the newest, as without a tag.
 */
export type ReleaseNumberOf = (model: string, digest: Digest, tag?: string) => number | undefined

/** Says of a bot what people and programs are told. @param now Milliseconds since 1970. */
export function describeBot(bot: Bot, releaseOf: ReleaseNumberOf, now: number): WireBot {
  const survey = surveyBot(bot.processes)
  if (survey === undefined) throw new Error(`The bot "${bot.bot}" has no process`)
  const { last, state, digest, since, firstSeen, present, offer, failures } = survey
  return {
    bot: bot.bot,
    model: bot.model,
    tag: last.tag,
    state,
    ...releaseFields(bot.model, digest, last.tag, releaseOf),
    since: instant(since),
    lastSeen: instant(last.lastSeen),
    firstSeen: instant(firstSeen),
    processes: present,
    interval: intervalOf(last),
    offered: offered(offer),
    failures: described(newestFailure(failures)),
    hints: botHints(bot, now),
  }
}

/** Says of one process of a bot what people and programs are told. @param now Milliseconds since 1970. */
export function describeProcess(
  { model, bot }: Pick<Bot, 'model' | 'bot'>,
  process: ProcessRecord,
  releaseOf: ReleaseNumberOf,
  now: number,
): WireProcess {
  return {
    process: process.process,
    bot,
    model,
    tag: process.tag,
    state: processState(process),
    ...releaseFields(model, process.digest, process.tag, releaseOf),
    since: instant(process.since),
    lastSeen: instant(process.lastSeen),
    firstSeen: instant(process.firstSeen),
    interval: intervalOf(process),
    offered: offered(process.offer),
    failures: described(newestFailure([process.failures])),
    hints: standingHints(process.hints, now),
    loadSeconds: process.loadSeconds,
  }
}

function releaseFields(model: string, digest: Digest | null, tag: string, releaseOf: ReleaseNumberOf) {
  return { release: digest === null ? null : (releaseOf(model, digest, tag) ?? null), digest }
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

function described(failure: Failure | undefined): WireProcess['failures'] {
  if (failure === undefined) return null
  const { release, loads, transfers, restarts, reason } = failure
  return { release, loads, transfers, restarts, reason }
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
