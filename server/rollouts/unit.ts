import type { Bot } from '../fleet/bot.ts'
import { botHints, presentProcesses } from '../fleet/bot-summary.ts'
import { countsAsEvidence, SETTLED_AFTER } from '../fleet/evidence.ts'
import { sumFailures } from '../fleet/failures.ts'
import type { Hint } from '../fleet/hint.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Failure, ProcessRecord, Source } from '../fleet/process-record.ts'
import { sharesName } from '../fleet/shared-name.ts'
import type { Digest } from '../releases/release.ts'

/**
 * What a rollout counts, holds and judges: a bot on a tag, or, where several machines share one name, each of its
 * processes ("its processes then count as bots of their own", docs/rollouts.md).
 */
export interface Unit {
  readonly id: string
  readonly bot: string
  /** Whether it counts: others are served, and named. */
  readonly isEvidence: boolean
  readonly hints: readonly Hint[]
  readonly source: Source
  readonly processes: readonly ProcessRecord[]
}

/** What decides whether a bot counts. */
export interface EvidenceTerms {
  readonly access: PullAccess
  /** When the rollout began; now, where none is under way. */
  readonly before: number
}

/** The units of a tag. */
export function unitsOf(bots: readonly Bot[], tag: string, terms: EvidenceTerms, now: number): Unit[] {
  return bots.flatMap((bot) => unitsOfBot(bot, tag, terms, now))
}

/** The units that one bot has on a tag. */
export function unitsOfBot(bot: Bot, tag: string, terms: EvidenceTerms, now: number): Unit[] {
  const processes = bot.processes.filter((process) => process.tag === tag)
  const last = presentProcesses(processes).toSorted((one, other) => other.lastSeen - one.lastSeen)[0]
  if (last === undefined) return []
  const hints = botHints(bot, now)
  if (sharesName(bot)) return processes.map((process) => unitOfProcess(bot, process, hints, terms))
  const isEvidence = countsAsEvidence(bot, terms.before, terms.access)
  return [{ id: bot.bot, bot: bot.bot, isEvidence, hints, source: last.source, processes }]
}

function unitOfProcess(bot: Bot, process: ProcessRecord, hints: Hint[], terms: EvidenceTerms): Unit {
  const { digest, since, lastSeen, provenAt } = process
  const settledAt = digest !== null && lastSeen - since >= SETTLED_AFTER ? lastSeen : null
  return {
    ...{ id: `${bot.bot}#${process.process}`, bot: bot.bot, hints, source: process.source },
    isEvidence: countsAsEvidence({ provenAt, settledAt }, terms.before, terms.access),
    processes: [process],
  }
}

/** The processes that speak for a unit. */
export function presentOf({ processes }: Pick<Unit, 'processes'>): ProcessRecord[] {
  return presentProcesses(processes)
}

/** Whether all that is known of a unit is silent beyond its window. */
export function isLost(unit: Pick<Unit, 'processes'>): boolean {
  return presentOf(unit).every(({ lostAt }) => lostAt !== null)
}

/**
 * What went wrong with a release for a unit: "counts belong to bot and release" (docs/rollouts.md).
 *
 * Behind one address or one token may be many machines, whose failures do not add up: the worst of them counts.
 */
export function failureOf(
  { processes, source }: Pick<Unit, 'processes' | 'source'>,
  digest: Digest,
): Failure | undefined {
  const lists = processes.map(({ failures }) => failures)
  if (source.instance !== null) return sumFailures(lists, digest)
  return lists
    .flatMap((failures) => failures.filter((failure) => failure.digest === digest))
    .toSorted((one, other) => other.loads - one.loads || other.transfers - one.transfers)[0]
}

/** What went wrong with a release for a process, with what it shares with the others of its bot. */
export function failureFor(
  { processes, source }: Pick<Unit, 'processes' | 'source'>,
  process: ProcessRecord,
  digest: Digest,
): Failure | undefined {
  return failureOf({ source, processes: source.instance === null ? [process] : processes }, digest)
}

/** Whether a unit was offered a release, is loading it, runs it or failed at it. */
export function wasOffered({ processes }: Pick<Unit, 'processes'>, digest: Digest): boolean {
  return processes.some(
    ({ offer, digest: runs, failures }) =>
      runs === digest || offer?.digest === digest || failures.some((failure) => failure.digest === digest),
  )
}
