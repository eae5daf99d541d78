import { BOT_STATES, type BotState } from '../../protocol/bot-states.ts'
import type { Digest } from '../releases/release.ts'
import { isLive } from './bot.ts'
import type { Failure, Offer, ProcessRecord } from './process-record.ts'
import { processState } from './process-state.ts'

/** What a look at each process of a bot tells; those that are there speak for it, and where none is, the one heard last. */
export interface BotSurvey {
  /** The process that polled last of those that speak for it. */
  readonly last: ProcessRecord
  /** How many speak for it. */
  readonly present: number
  /** The worst of theirs. */
  readonly state: BotState
  /** What most of them run; the one that was loaded last where as many run others. */
  readonly digest: Digest | null
  /** When the last of them came to run it; milliseconds since 1970. */
  readonly since: number
  readonly offer: Offer | null
  /** When any of its processes was first heard of. */
  readonly firstSeen: number
  /** What went wrong with releases, by process; of those, too, that are gone. */
  readonly failures: readonly (readonly Failure[])[]
}

interface Running {
  count: number
  since: number
}

/**
 * Looks at each process of a bot once: thousands of bots without a name behind one address are one, and each further look at 100,000
 * processes takes some ms from polls.
 *
 * @returns undefined where it has none.
 */
export function surveyBot(processes: readonly ProcessRecord[]): BotSurvey | undefined {
  const live = new Present()
  const failures: (readonly Failure[])[] = []
  let heardLast: ProcessRecord | undefined
  let firstSeen = Infinity
  for (const process of processes) {
    if (process.firstSeen < firstSeen) firstSeen = process.firstSeen
    if (process.failures.length > 0) failures.push(process.failures)
    if (heardLast === undefined || process.lastSeen > heardLast.lastSeen) heardLast = process
    if (isLive(process)) live.add(process)
  }
  if (heardLast === undefined) return undefined
  if (live.last === undefined) live.add(heardLast)
  const { last = heardLast, count: present, state, offer } = live
  return { last, present, state, offer, firstSeen, failures, ...live.mostRun() }
}

/** The processes that speak for a bot, added up. */
class Present {
  count = 0
  last: ProcessRecord | undefined
  offer: Offer | null = null
  #worst: number = BOT_STATES.length
  readonly #running = new Map<Digest | null, Running>()

  get state(): BotState {
    return BOT_STATES[this.#worst] ?? 'starting'
  }

  add(process: ProcessRecord): void {
    const { digest, since, offer, lastSeen } = process
    this.count++
    if (this.last === undefined || lastSeen > this.last.lastSeen) this.last = process
    this.offer ??= offer
    this.#worst = Math.min(this.#worst, BOT_STATES.indexOf(processState(process)))
    const running = this.#running.get(digest)
    if (running === undefined) this.#running.set(digest, { count: 1, since })
    else {
      running.count++
      running.since = Math.max(running.since, since)
    }
  }

  mostRun(): Pick<BotSurvey, 'digest' | 'since'> {
    let most: Running & { digest: Digest | null } = { digest: null, count: 0, since: 0 }
    for (const [digest, { count, since }] of this.#running) {
      if (count > most.count || (count === most.count && since > most.since)) most = { digest, count, since }
    }
    return { digest: most.digest, since: most.since }
  }
}
