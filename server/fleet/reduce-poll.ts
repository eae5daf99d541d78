import type { PollFact } from './fact.ts'
import { countFailure, withoutRelease } from './failures.ts'
import type { FleetEvent } from './fleet-event.ts'
import { rememberGap } from './learned-interval.ts'
import { pollOutcome, secondsSinceSent } from './poll-outcome.ts'
import { ENOUGH_POLLS, type Offer, type ProcessRecord } from './process-record.ts'
import type { ReducedProcess } from './reduced-process.ts'
import { countQuickRepeats, hintsOfFailures, noteHints } from './way-hints.ts'

/** Nearly all polls say nothing new: each list less is one less to collect. */
const NONE: readonly FleetEvent[] = []

/** Takes in a poll, see `reduceProcess`. */
export function reducePoll(before: ProcessRecord, fact: PollFact, now: number): ReducedProcess {
  const concluded = conclude(hear(before, fact, now), fact, now)
  if (before.lostAt === null) return concluded
  const back: FleetEvent = { kind: 'heard-again', process: before.process, at: now, digest: fact.digest }
  return { process: concluded.process, events: [back, ...concluded.events] }
}

function conclude(heard: ProcessRecord, fact: PollFact, now: number): ReducedProcess {
  const { offer } = heard
  const outcome = pollOutcome(heard, fact, now)
  if (offer === null || outcome === 'nothing') {
    return show(heard.steady ? heard : { ...heard, steady: true }, fact, now)
  }
  if (outcome === 'still-sending') return { process: heard, events: NONE }
  const settled = { ...heard, offer: null, steady: true }
  if (outcome === 'loaded') return load(settled, offer, now)
  if (outcome === 'overtaken') return show(settled, fact, now)
  return failOffer({ ...settled, digest: fact.digest }, heard, offer, outcome, now)
}

/** The poll itself: when, from where, by which tag, how long after the last one. */
function hear(before: ProcessRecord, { tag, source, digest, hints }: PollFact, now: number): ProcessRecord {
  const lastSeen = Math.max(before.lastSeen, now)
  const inSync = before.steady && digest !== null && digest === before.digest
  return {
    ...before,
    tag,
    source,
    lastSeen,
    lostAt: null,
    replacedBy: null,
    gaps: inSync ? rememberGap(before.gaps, lastSeen - before.lastSeen) : before.gaps,
    hints: noteHints(before.hints, hints, now),
  }
}

/** What it runs, where no offer explains it. */
function show(process: ProcessRecord, { digest }: PollFact, now: number): ReducedProcess {
  if (digest === process.digest) {
    const polls = Math.min(process.polls + 1, ENOUGH_POLLS)
    return { process: polls === process.polls ? process : { ...process, polls }, events: NONE }
  }
  // A connection that broke after the last byte was counted as a failed transfer.
  const failures = digest === null ? process.failures : withoutRelease(process.failures, digest)
  return {
    process: { ...process, digest, since: now, polls: 1, loadSeconds: null, failures },
    events: [{ kind: 'runs', process: process.process, at: now, digest }],
  }
}

function load(process: ProcessRecord, offer: Offer, now: number): ReducedProcess {
  const { release, digest } = offer
  const seconds = secondsSinceSent(offer, now)
  return {
    process: {
      ...process,
      digest,
      since: now,
      polls: 1,
      loadSeconds: seconds,
      provenAt: process.provenAt ?? now,
      standing: 'in-sync',
      quickRepeats: 0,
      failures: withoutRelease(process.failures, digest),
    },
    events: [{ kind: 'loaded', process: process.process, at: now, release, digest, seconds }],
  }
}

/** The offer came to nothing; `process` has it no more. */
export function failOffer(
  process: ProcessRecord,
  before: ProcessRecord,
  offer: Offer,
  kind: 'load-failed' | 'transfer-failed',
  now: number,
): ReducedProcess {
  const { release, digest, attempt, begunAt, sentAt } = offer
  const reason =
    kind === 'load-failed'
      ? `attempt ${attempt}: took release ${release} whole, and did not show it ${seconds(now - (sentAt ?? begunAt))} later`
      : `attempt ${attempt}: release ${release} did not arrive whole within ${seconds(now - begunAt)}`
  const isLoad = kind === 'load-failed'
  const failed = {
    ...process,
    failures: countFailure(process.failures, offer, isLoad ? 'load' : 'transfer', now, reason),
    quickRepeats: isLoad ? countQuickRepeats(before, now) : 0,
  }
  return {
    process: { ...failed, hints: noteHints(failed.hints, hintsOfFailures(failed), now) },
    events: [{ kind, process: process.process, at: now, release, digest, reason }],
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(Math.max(0, milliseconds) / 1000)} s`
}
