import type { PullAccess } from '../fleet/independence.ts'
import { countIndependent } from '../fleet/independence.ts'
import { toleratedFailures } from './amount.ts'
import { isMember } from './membership.ts'
import { isLastStep, probeOf, type Rollout, type SoakClock, type Step } from './rollout.ts'
import { nameFailures, nameUnits } from './sentence.ts'
import { failureOf, isLost, wasOffered, type Unit } from './unit.ts'
import { updatedSince, keptRunning, type JudgedUnit, type UnitStatus } from './unit-status.ts'

/** What a step is found to be: "three verdicts for a step: pass, fail, inconclusive" (docs/rollouts.md), or none yet. */
export interface StepVerdict {
  readonly verdict: 'pending' | 'pass' | 'fail' | 'inconclusive'
  /** One sentence with the evidence; while pending, what is to be said if the deadline passes now. */
  readonly reason: string
  /** Bots of the step that run the release. */
  readonly updated: number
  /** Whether no deadline is waited for, and no policy passes it over: a person decides. Only of what is inconclusive. */
  readonly needsPerson?: true
  /** Why nothing more can be expected of its bots although nothing is proven. Only while pending. */
  readonly waits?: string
  /** Whether only the soak is waited for: the deadline stands still then. */
  readonly isSoaking: boolean
  /** How long the soak has been; undefined where not all run it. */
  readonly soak?: SoakClock
}

/** When a step is judged, in milliseconds since 1970. */
export interface JudgedAt {
  readonly now: number
  /** When the clock was set last while this server ran; 0: never. Ages across that moment are wrong. */
  readonly clockSetAt: number
}

type Judged = readonly JudgedUnit[]

/**
 * Judges the step that is under way. Pure: what it says depends on what was seen alone.
 *
 * @param units All of the tag, with how far each is.
 */
export function judgeStep(rollout: Rollout, units: Judged, access: PullAccess, at: JudgedAt): StepVerdict {
  const { to, policy } = rollout
  const step = rollout.steps[rollout.step]
  const judged = units.filter(({ unit }) => unit.isEvidence)
  const members = judged.filter(({ unit }) => step !== undefined && isJudged(step, unit, rollout))
  const updated = members.filter(({ status }) => status === 'updated')
  const result = { updated: updated.length, isSoaking: false }
  const failure = isLastStep(rollout) ? judgeAll(judged, rollout, access) : judgeMembers(members, rollout)
  if (typeof failure === 'string') return { ...result, verdict: 'fail', reason: failure }
  if (failure !== undefined) return { ...result, verdict: 'inconclusive', needsPerson: true, ...failure }
  if (members.length === 0) {
    const reason = `step ${rollout.step + 1} has no bot that counts as evidence: nothing can be seen of release ${to.release}`
    return { ...result, verdict: 'inconclusive', reason }
  }
  if (isComplete(members, policy.tolerate, rollout)) return { ...result, ...soak(updated, rollout, at) }
  const waits = waitReason(members, rollout)
  const pending = { ...result, verdict: 'pending', reason: deadlineReason(members, rollout) } as const
  return waits === undefined ? pending : { ...pending, waits }
}

/** "A bot lost before it was offered the release is left out; one lost after it stays in" (docs/rollouts.md). */
function isJudged(step: Step, unit: Unit, { to }: Rollout): boolean {
  return isMember(step, unit) && (!isLost(unit) || wasOffered(unit, to.digest))
}

/**
 * "Fail: more bots than `tolerate` were left alone after `attempts`" (docs/rollouts.md).
 *
 * @returns only `reason` where they are as many by doubtful ones alone: nobody may be sure then.
 */
function judgeMembers(
  members: Judged,
  { policy, to, steps, step }: Rollout,
): string | { reason: string } | undefined {
  const failed = unitsThatAre('failed', members)
  const tolerated = toleratedFailures(policy.tolerate, members.length)
  if (failed.length <= tolerated) return undefined
  const reason = failureReason(failed, members, members.length, to)
  const doubtful = { members: steps[step]?.doubtful ?? [] }
  if (failed.filter((unit) => !isMember(doubtful, unit)).length > tolerated) return reason
  return { reason: `${reason}; but pulls need no token, and other bots poll from the same address` }
}

/**
 * "In the last step: at least two independent bots that count as evidence failed, and more failed than run it or are
 * still loading it, also where only independent ones are counted" (docs/rollouts.md).
 */
function judgeAll(judged: Judged, { to }: Rollout, access: PullAccess): string | undefined {
  const failed = unitsThatAre('failed', judged)
  const others = [...unitsThatAre('updated', judged), ...unitsThatAre('loading', judged)]
  if (failed.length <= others.length || !areIndependent(failed, access)) return undefined
  // Where names may be invented, one machine has no more to say by many of them.
  if (countIndependentUnits(failed, access) <= countIndependentUnits(others, access)) return undefined
  return failureReason(failed, judged, judged.length, to)
}

function countIndependentUnits(units: readonly Unit[], access: PullAccess): number {
  return countIndependent(
    units.map(({ source }) => source),
    access,
  )
}

/** Whether two of them at least are independent of each other. */
function areIndependent(units: readonly Unit[], access: PullAccess): boolean {
  const [first] = units
  return (
    first !== undefined && units.some(({ source }) => countIndependent([first.source, source], access) > 1)
  )
}

function failureReason(failed: readonly Unit[], all: Judged, of: number, to: Rollout['to']): string {
  const running = unitsThatAre('updated', all).length
  const named = nameFailures(failed, to.digest)
  const isLoaded = failed.some((unit) => failureOf(unit, to.digest) === undefined)
  const what = `could not load release ${to.release}${isLoaded ? ', or answered a probe wrongly' : ''}`
  const others = isLoaded ? (running === 1 ? ' other' : ' others') : ''
  return `${failed.length} of ${of} bots ${what} (${named}), ${running}${others} ${running === 1 ? 'runs' : 'run'} it`
}

/** Whether all but a tolerated number of failed and lost bots run it, and one at least does. */
function isComplete(members: Judged, tolerate: Rollout['policy']['tolerate'], rollout: Rollout): boolean {
  const updated = members.filter(({ status }) => status === 'updated')
  const excused = members.filter(({ status }) => status === 'failed' || status === 'lost')
  const isProbed =
    rollout.policy.probes.length === 0 || updated.every(({ unit }) => probeOf(rollout, unit.id) === 'passed')
  return (
    updated.length > 0 &&
    isProbed &&
    updated.length + excused.length === members.length &&
    excused.length <= toleratedFailures(tolerate, members.length)
  )
}

function soak(updated: Judged, rollout: Rollout, at: JudgedAt): Omit<StepVerdict, 'updated'> {
  const { policy, to, step } = rollout
  const clock = soakClock(updated, rollout, at)
  const over = clock.soaked - policy.soak * 1000
  const isThrough = over >= 0 && updated.every(({ unit }) => keptRunning(unit, at.now - over))
  if (!isThrough)
    return { verdict: 'pending', reason: soakReason(updated, rollout), isSoaking: true, soak: clock }
  const bots = updated.length === 1 ? '1 bot' : `${updated.length} bots`
  const reason = `${bots} of step ${step + 1} ${updated.length === 1 ? 'runs' : 'run'} release ${to.release}`
  return { verdict: 'pass', reason, isSoaking: false, soak: clock }
}

function soakReason(updated: Judged, { policy, to, step }: Rollout): string {
  const last = updated.reduce((latest, { unit }) => Math.max(latest, updatedSince(unit)), 0)
  const began = updated.flatMap(({ unit }) => (updatedSince(unit) === last ? [unit] : []))
  const time = policy.soak > 0 ? `${policy.soak} s` : 'two polls'
  return `the bots of step ${step + 1} did not go on running release ${to.release} for ${time} (${nameUnits(began)} began last)`
}

/** Far more than there are moments in a soak; the sum of 50,000 moments would not be exact. */
const MARKS = 2 ** 48

/** Goes on with the soak, or begins it when the last bot loaded the release. */
function soakClock(updated: Judged, { soak, judgedAt }: Rollout, { now, clockSetAt }: JudgedAt): SoakClock {
  let last = clockSetAt
  let mark = 0
  for (const { unit } of updated) {
    const since = updatedSince(unit)
    last = Math.max(last, since)
    mark = (mark + since) % MARKS
  }
  if (soak?.mark !== mark) return { mark, soaked: Math.max(0, now - last) }
  return { mark, soaked: soak.soaked + Math.max(0, now - Math.max(judgedAt, clockSetAt)) }
}

/** Undefined while one of them may still load it, or answer. */
function waitReason(members: Judged, rollout: Rollout): string | undefined {
  const { to, policy, step } = rollout
  const unclear = unitsThatAre('unclear', members)
  if (unclear.length === 0) return undefined
  const isOpen = members.some(
    ({ unit, status }) =>
      status === 'loading' ||
      status === 'waiting' ||
      (status === 'updated' && policy.probes.length > 0 && probeOf(rollout, unit.id) !== 'passed'),
  )
  if (isOpen) return undefined
  const named = nameFailures(unclear, to.digest, NO_ANSWER)
  const running = unitsThatAre('updated', members).length
  return `${unclear.length} of ${members.length} bots of step ${step + 1} were left alone, which proves nothing of release ${to.release} (${named}), ${running} ${running === 1 ? 'runs' : 'run'} it: waiting for a person, or for the deadline of ${policy.deadline} s`
}

/** Of a bot whose failures are not the release's, and that did not fail to load it. */
const NO_ANSWER = 'a probe was not answered'

function deadlineReason(members: Judged, { policy, to, step }: Rollout): string {
  const updated = unitsThatAre('updated', members).length
  const said = (['loading', 'waiting', 'lost', 'unclear', 'failed'] as const).flatMap((status) => {
    const units = unitsThatAre(status, members)
    if (units.length === 0) return []
    return status === 'unclear' || status === 'failed'
      ? [`left alone: ${nameFailures(units, to.digest, status === 'unclear' ? NO_ANSWER : undefined)}`]
      : [`${status}: ${nameUnits(units)}`]
  })
  return `no further bot of step ${step + 1} loaded release ${to.release} within ${policy.deadline} s: ${updated} of ${members.length} run it (${said.join('; ')})`
}

function unitsThatAre(wanted: UnitStatus, judged: Judged): Unit[] {
  return judged.filter(({ status }) => status === wanted).map(({ unit }) => unit)
}
