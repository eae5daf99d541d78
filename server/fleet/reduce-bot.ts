import type { Digest } from '../releases/release.ts'
import type { Bot } from './bot.ts'
import { SETTLED_AFTER } from './evidence.ts'
import type { Fact, PollFact } from './fact.ts'
import { withoutRelease } from './failures.ts'
import { forgetGone } from './forget-gone.ts'
import type { FleetEvent } from './fleet-event.ts'
import { newProcess, type ProcessRecord } from './process-record.ts'
import { reduceProcess } from './reduce-process.ts'
import { replaceSilent, undoReplacement } from './replacement.ts'
import { sharesName } from './shared-name.ts'

/** A bot after a fact, and what was concluded from it. */
export interface ReducedBot {
  readonly bot: Bot
  readonly events: readonly FleetEvent[]
}

/**
 * Takes one fact about one of a bot's processes in: what `reduceProcess` concludes, and what follows from it for the
 * others. A poll of a process that is not known adds it; other facts about such a one change nothing. Processes that
 * the result has no more are forgotten.
 *
 * Pure, deterministic, never throws.
 *
 * @param now Milliseconds since 1970.
 */
export function reduceBot(bot: Bot, fact: Fact, now: number): ReducedBot {
  const known = bot.processes.find(({ process }) => process === fact.process)
  if (known !== undefined) return reduceKnown(bot, known, fact, now)
  return fact.kind === 'poll' ? addProcess(bot, fact, now) : { bot, events: [] }
}

function addProcess(bot: Bot, fact: PollFact, now: number): ReducedBot {
  const { process, events } = reduceProcess(newProcess(fact.process, fact.tag, fact.source, now), fact, now)
  const isFresh = fact.digest === null
  const { processes, events: replaced } =
    isFresh && !sharesName(bot)
      ? replaceSilent(bot, process, now)
      : { processes: [...bot.processes, process], events: [] }
  return {
    bot: { ...bot, processes: forgetGone(processes), lastFreshAt: isFresh ? now : bot.lastFreshAt },
    events: [{ kind: 'first-seen', process: fact.process, at: now }, ...events, ...replaced],
  }
}

function reduceKnown(bot: Bot, known: ProcessRecord, fact: Fact, now: number): ReducedBot {
  const { process, events } = reduceProcess(known, fact, now)
  const undone =
    fact.kind === 'poll'
      ? undoReplacement(bot.processes, known, now)
      : { processes: bot.processes, events: [] }
  const processes = undone.processes.map((each) => (each.process === known.process ? process : each))
  const after = { ...bot, processes, settledAt: bot.settledAt ?? settledAt(process, fact) }
  const loaded = events.find((event) => event.kind === 'loaded')
  return {
    bot: loaded === undefined ? after : prove(after, process, loaded.digest, now),
    events: [...undone.events, ...events],
  }
}

/** One worker loaded it: what others of the same machine failed at before says nothing of the release any more. */
function prove(bot: Bot, { source }: ProcessRecord, digest: Digest, now: number): Bot {
  const isOneMachine = source.instance !== null && !sharesName(bot)
  const processes = isOneMachine
    ? bot.processes.map((process) => {
        const failures = withoutRelease(process.failures, digest)
        return failures === process.failures ? process : { ...process, failures }
      })
    : bot.processes
  return { ...bot, processes, provenAt: bot.provenAt ?? now }
}

function settledAt({ digest, since, lastSeen }: ProcessRecord, { kind }: Fact): number | null {
  return kind === 'poll' && digest !== null && lastSeen - since >= SETTLED_AFTER ? lastSeen : null
}
