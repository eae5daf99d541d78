import type { Bot } from '../../server/fleet/bot.ts'
import { newBot } from '../../server/fleet/bot.ts'
import type { Fact, PollFact } from '../../server/fleet/fact.ts'
import type { FleetEvent } from '../../server/fleet/fleet-event.ts'
import type { ProcessRecord, Source, Target } from '../../server/fleet/process-record.ts'
import { newProcess } from '../../server/fleet/process-record.ts'
import { reduceBot } from '../../server/fleet/reduce-bot.ts'
import { reduceProcess } from '../../server/fleet/reduce-process.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND

/** A moment to begin from. */
export const START = Date.UTC(2026, 10, 23, 8)

/** Release `n` of a model, with a digest that shows the number. */
export function target(n: number): Target {
  return { release: n, digest: n.toString(16).padStart(64, '0') }
}

export const OLD = target(7)
export const NEW = target(8)

/** The name of a process, from a letter. */
export function processName(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(12, '0') + '4000' + '8000000000000000'
}

export const POD: Source = { instance: 'pod-1', token: null, address: '10.0.0.1' }

/** A poll of a process that runs `runs`; null: that has loaded nothing. */
export function poll(
  runs: Target | null,
  process = processName('a'),
  more: Partial<PollFact> = {},
): PollFact {
  const digest = runs?.digest ?? null
  return { kind: 'poll', process, tag: 'production', source: POD, digest, hints: [], ...more }
}

export function begun(offered: Target, process = processName('a'), stream = 's1'): Fact {
  return { kind: 'offer-begun', process, target: offered, stream }
}

export function sent(process = processName('a'), stream = 's1'): Fact {
  return { kind: 'offer-sent', process, stream }
}

export function cut(process = processName('a'), stream = 's1'): Fact {
  return { kind: 'offer-cut', process, stream }
}

export function silence(
  process = processName('a'),
  slowestLoad: number | null = null,
  listeningSince = 0,
): Fact {
  return { kind: 'silence', process, slowestLoad, listeningSince }
}

/** A fact, and the seconds after {@link START} at which it comes in. */
export type Timed = readonly [seconds: number, fact: Fact]

/** Takes facts into one process, and says what it is then and what was concluded. */
export function processAfter(...facts: Timed[]): { process: ProcessRecord; events: FleetEvent[] } {
  let process = newProcess(processName('a'), 'production', POD, START)
  const events: FleetEvent[] = []
  for (const [seconds, fact] of facts) {
    const reduced = reduceProcess(process, fact, START + seconds * SECOND)
    process = reduced.process
    events.push(...reduced.events)
  }
  return { process, events }
}

/** Takes facts into one bot, and says what it is then and what was concluded. */
export function botAfter(...facts: Timed[]): { bot: Bot; events: FleetEvent[] } {
  let bot = newBot('shop', 'pod-1')
  const events: FleetEvent[] = []
  for (const [seconds, fact] of facts) {
    const reduced = reduceBot(bot, fact, START + seconds * SECOND)
    bot = reduced.bot
    events.push(...reduced.events)
  }
  return { bot, events }
}

/** What was concluded, by kind. */
export function kinds(events: readonly FleetEvent[]): string[] {
  return events.map(({ kind }) => kind)
}
