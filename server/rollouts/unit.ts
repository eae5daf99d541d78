import type { Bot } from '../fleet/bot.ts'
import { botHints, lastHeard, presentProcesses } from '../fleet/bot-summary.ts'
import { countsAsEvidence, SETTLED_AFTER } from '../fleet/evidence.ts'
import { sumFailures } from '../fleet/failures.ts'
import { standingHints, type Hint } from '../fleet/hint.ts'
import { mayBeInvented, type PullAccess } from '../fleet/independence.ts'
import { areOneMachine, isSameMachine } from '../fleet/machine.ts'
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
  /** Whether anybody may invent others of its kind: pulls need no token, and it polls over a network. */
  readonly mayBeInvented: boolean
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
export function unitsOf(bots: Iterable<Bot>, tag: string, terms: EvidenceTerms, now: number): Unit[] {
  const units: Unit[] = []
  for (const bot of bots) for (const unit of unitsOfBot(bot, tag, terms, now)) units.push(unit)
  return units
}

/** The units that one bot has on a tag. */
export function unitsOfBot(bot: Bot, tag: string, terms: EvidenceTerms, now: number): Unit[] {
  const areAll = bot.processes.every((process) => process.tag === tag)
  const processes = areAll ? bot.processes : bot.processes.filter((process) => process.tag === tag)
  const last = lastHeard(processes)
  if (last === undefined) return []
  if (sharesName(bot)) return processes.map((process) => unitOfProcess(bot, process, terms, now))
  const hints = botHints(bot, now)
  const isEvidence = countsAsEvidence(bot, terms.before, terms.access, now)
  const { source } = last
  return [
    {
      id: bot.bot,
      bot: bot.bot,
      isEvidence,
      hints,
      source,
      processes,
      mayBeInvented: mayBeInvented(source, terms.access),
    },
  ]
}

/** What another machine of the same name betrays of its way says nothing of this one's. */
function unitOfProcess({ bot }: Bot, process: ProcessRecord, terms: EvidenceTerms, now: number): Unit {
  const { digest, since, lastSeen, provenAt } = process
  const settledAt = digest !== null && lastSeen - since >= SETTLED_AFTER ? lastSeen : null
  const hints = [...new Set<Hint>([...standingHints(process.hints, now), 'shared-name'])]
  return {
    id: processUnitId(bot, process),
    bot,
    hints,
    source: process.source,
    isEvidence: countsAsEvidence({ provenAt, settledAt }, terms.before, terms.access, now),
    mayBeInvented: mayBeInvented(process.source, terms.access),
    processes: [process],
  }
}

/** The name of a process that counts as a bot of its own. */
export function processUnitId(bot: string, { process }: Pick<ProcessRecord, 'process'>): string {
  return `${bot}#${process}`
}

/** The processes that speak for a unit. */
export function presentOf({ processes }: Pick<Unit, 'processes'>): readonly ProcessRecord[] {
  return presentProcesses(processes)
}

/** Whether all that is known of a unit is silent beyond its window. */
export function isLost(unit: Pick<Unit, 'processes'>): boolean {
  return presentOf(unit).every(({ lostAt }) => lostAt !== null)
}

/**
 * What went wrong with a release for a unit: "counts belong to bot and release" (docs/rollouts.md).
 *
 * They add up within one machine alone. Behind one address or one token may be many, and behind one name somebody who has
 * nothing to do with the bot: the worst of them counts, of those that are there.
 */
export function failureOf(
  { processes, source }: Pick<Unit, 'processes' | 'source'>,
  digest: Digest,
): Failure | undefined {
  if (processes.every(({ failures }) => failures.length === 0)) return undefined
  const asking = source.instance === null ? processes : presentProcesses(processes)
  return asking
    .flatMap((process) => failureFor({ processes, source }, process, digest) ?? [])
    .toSorted((one, other) => other.loads - one.loads || other.transfers - one.transfers)[0]
}

/** What went wrong with a release for a process, with what it shares with the others of its bot and machine. */
export function failureFor(
  { processes, source }: Pick<Unit, 'processes' | 'source'>,
  process: ProcessRecord,
  digest: Digest,
): Failure | undefined {
  const sharing =
    source.instance === null
      ? [process]
      : processes.filter((other) => isSameMachine(other.source, process.source))
  return sumFailures(
    sharing.map(({ failures }) => failures),
    digest,
  )
}

/**
 * Whether everything that is heard under the name of a unit comes from one machine. Where it does not, nobody can tell yet
 * whose failures are the bot's.
 */
export function isOneMachine(unit: Pick<Unit, 'processes'>): boolean {
  return areOneMachine(presentOf(unit))
}

/** Whether a process of a unit is under way with a release, whatever became of others under its name. */
export function isLoading(unit: Pick<Unit, 'processes'>, digest: Digest): boolean {
  return presentOf(unit).some(({ offer }) => offer?.digest === digest)
}

/** Whether a unit was offered a release, is loading it, runs it or failed at it. */
export function wasOffered({ processes }: Pick<Unit, 'processes'>, digest: Digest): boolean {
  return processes.some(
    ({ offer, digest: runs, failures }) =>
      runs === digest || offer?.digest === digest || failures.some((failure) => failure.digest === digest),
  )
}
