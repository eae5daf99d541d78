import type { PullAccess } from '../fleet/independence.ts'
import { countIndependent } from '../fleet/independence.ts'
import { toleratedFailures } from './amount.ts'
import { isMember } from './membership.ts'
import { excludedNames, isLastStep, type Rollout, type SoakClock } from './rollout.ts'
import { nameFailures, nameUnits } from './sentence.ts'
import type { StepBots, UnitsByStatus } from './step-bots.ts'
import { failureOf, isLoading, type Unit } from './unit.ts'

/** What a step is found to be: "three verdicts for a step: pass, fail, inconclusive" (docs/rollouts.md), or none yet. */
export interface StepVerdict {
  readonly verdict: 'pending' | 'pass' | 'fail' | 'inconclusive'
  /** One sentence with the evidence; while pending, what is to be said if the deadline passes now. */
  readonly reason: string
  /** Bots of the step that run the release. */
  readonly updated: number
  /**
   * Whether no deadline is waited for, and a person decides: `to go on` where a policy may have it go back all the same. Only of what is inconclusive.
   */
  readonly needsPerson?: 'to go on' | 'whatever the policy says'
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

/**
 * Judges the step that is under way. Pure: what it says depends on what was seen alone.
 *
 * @param bots Those of the step, as far as each is.
 */
export function judgeStep(rollout: Rollout, bots: StepBots, access: PullAccess, at: JudgedAt): StepVerdict {
  const { policy } = rollout
  const result = { updated: bots.members.updated.length, isSoaking: false }
  const failure = isLastStep(rollout) ? judgeAll(bots.all, rollout, access) : judgeMembers(bots, rollout)
  if (typeof failure === 'string') return { ...result, verdict: 'fail', reason: failure }
  if (failure !== undefined)
    return { ...result, verdict: 'inconclusive', needsPerson: 'to go on', ...failure }
  if (bots.count === 0) return { ...result, ...judgeEmpty(rollout) }
  if (isComplete(bots, policy.tolerate)) return { ...result, ...soak(bots, rollout, at) }
  const waits = waitReason(bots, rollout)
  const pending = { ...result, verdict: 'pending', reason: deadlineReason(bots, rollout) } as const
  return waits === undefined ? pending : { ...pending, waits }
}

/** "An empty step is inconclusive, never passed" (docs/rollouts.md). Where a person had it go on without its bots, no policy undoes that. */
function judgeEmpty({ to, step, steps }: Rollout): Pick<StepVerdict, 'verdict' | 'reason' | 'needsPerson'> {
  // By what the step says: a bot that has left the tag since was passed over all the same.
  const names = excludedNames(steps[step])
  const isByPerson = names.length > 0
  const besides = isByPerson
    ? ` besides those that were passed over (${nameUnits(names.map((id) => ({ id })))})`
    : ''
  return {
    verdict: 'inconclusive',
    reason: `step ${step + 1} has no bot that counts as evidence${besides}: nothing can be seen of release ${to.release}`,
    ...(isByPerson ? { needsPerson: 'whatever the policy says' as const } : {}),
  }
}

/**
 * "Fail: more bots than `tolerate` were left alone after `attempts`" (docs/rollouts.md).
 *
 * @returns only `reason` where they are as many by doubtful ones alone: nobody may be sure then.
 */
function judgeMembers(
  { members, count }: StepBots,
  { policy, to, steps, step }: Rollout,
): string | { reason: string } | undefined {
  const { failed } = members
  const tolerated = toleratedFailures(policy.tolerate, count)
  if (failed.length <= tolerated) return undefined
  const reason = failureReason(members, count, to)
  const doubtful = { members: steps[step]?.doubtful ?? [] }
  if (failed.filter((unit) => !isMember(doubtful, unit)).length > tolerated) return reason
  return { reason: `${reason}; but pulls need no token, and other bots poll from the same address` }
}

/**
 * "In the last step: at least two independent bots that count as evidence failed, and more failed than run it or are
 * still loading it, also where only independent ones are counted" (docs/rollouts.md).
 */
function judgeAll(all: UnitsByStatus, { to }: Rollout, access: PullAccess): string | undefined {
  const { failed, updated, loading } = all
  if (failed.length <= updated.length + loading.length || !areIndependent(failed, access)) return undefined
  // Where names may be invented, one machine has no more to say by many of them.
  const others = countIndependentUnits([...updated, ...loading], access)
  if (countIndependentUnits(failed, access) <= others) return undefined
  const count = Object.values(all).reduce((sum, units) => sum + units.length, 0)
  return failureReason(all, count, to)
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

function failureReason({ failed, updated }: UnitsByStatus, of: number, to: Rollout['to']): string {
  const running = updated.length
  const named = nameFailures(failed, to.digest)
  const isLoaded = failed.some((unit) => failureOf(unit, to.digest) === undefined)
  const what = `could not load release ${to.release}${isLoaded ? ', or answered a probe wrongly' : ''}`
  const others = isLoaded ? (running === 1 ? ' other' : ' others') : ''
  return `${failed.length} of ${of} bots ${what} (${named}), ${running}${others} ${running === 1 ? 'runs' : 'run'} it`
}

/** Whether all but a tolerated number of failed and lost bots run it, and one at least does. */
function isComplete(
  { members, count, isProbed }: StepBots,
  tolerate: Rollout['policy']['tolerate'],
): boolean {
  const { updated, failed, lost } = members
  const excused = failed.length + lost.length
  return (
    updated.length > 0 &&
    isProbed &&
    updated.length + excused === count &&
    excused <= toleratedFailures(tolerate, count)
  )
}

/** "Was seen running the new release in two polls at least, through the soak" (docs/rollouts.md). */
function soak(bots: StepBots, rollout: Rollout, at: JudgedAt): Omit<StepVerdict, 'updated'> {
  const { policy, to, step } = rollout
  const clock = soakClock(bots, rollout, at)
  const over = clock.soaked - policy.soak * 1000
  const isThrough = over >= 0 && bots.isSeenOften && bots.oldestPoll >= at.now - over
  if (!isThrough)
    return { verdict: 'pending', reason: soakReason(bots, rollout), isSoaking: true, soak: clock }
  const { length } = bots.members.updated
  const others = bots.excluded.length === 0 ? '' : `; passed over before: ${nameUnits(bots.excluded)}`
  const reason = `${length === 1 ? '1 bot' : `${length} bots`} of step ${step + 1} ${length === 1 ? 'runs' : 'run'} release ${to.release}${others}`
  return { verdict: 'pass', reason, isSoaking: false, soak: clock }
}

function soakReason({ began }: StepBots, { policy, to, step }: Rollout): string {
  const time = policy.soak > 0 ? `${policy.soak} s` : 'two polls'
  return `the bots of step ${step + 1} did not go on running release ${to.release} for ${time} (${nameUnits(began)} began last)`
}

/** Goes on with the soak, or begins it when the last bot loaded the release. */
function soakClock(
  { mark, lastBegan }: StepBots,
  { soak, judgedAt }: Rollout,
  { now, clockSetAt }: JudgedAt,
): SoakClock {
  if (soak?.mark !== mark) return { mark, soaked: Math.max(0, now - Math.max(clockSetAt, lastBegan)) }
  return { mark, soaked: soak.soaked + Math.max(0, now - Math.max(judgedAt, clockSetAt)) }
}

/** Undefined while one of them may still load it, or answer. What was told stays so while one tries once more. */
function waitReason(
  { members, count, isProbed }: StepBots,
  { to, policy, step, steps }: Rollout,
): string | undefined {
  const { unclear, failed, loading, waiting, updated, lost } = members
  const alone = [...failed, ...unclear]
  if (alone.length === 0 || loading.length + waiting.length > 0 || !isProbed) return undefined
  const isTold = steps[step]?.state === 'inconclusive'
  if (!isTold && alone.some((unit) => isLoading(unit, to.digest))) return undefined
  const named = nameFailures(alone, to.digest, unclear.length > 0 ? NO_ANSWER : undefined)
  // Those that failed for certain are too few, or not independent of each other, or would have failed the step.
  const proof =
    failed.length > 0 ? 'which does not fail the step' : `which proves nothing of release ${to.release}`
  const silent = lost.length === 0 ? '' : `; lost: ${nameUnits(lost)}`
  return `${alone.length} of ${count} bots of step ${step + 1} ${alone.length === 1 ? 'was' : 'were'} left alone, ${proof} (${named})${silent}, ${updated.length} ${updated.length === 1 ? 'runs' : 'run'} it: waiting for a person, or for the deadline of ${policy.deadline} s`
}

/** Of a bot whose failures are not the release's, and that did not fail to load it. */
const NO_ANSWER = 'a probe was not answered'

function deadlineReason({ members, count }: StepBots, { policy, to, step }: Rollout): string {
  const said = (['loading', 'waiting', 'lost', 'unclear', 'failed'] as const).flatMap((status) => {
    const units = members[status]
    if (units.length === 0) return []
    return status === 'unclear' || status === 'failed'
      ? [`left alone: ${nameFailures(units, to.digest, status === 'unclear' ? NO_ANSWER : undefined)}`]
      : [`${status}: ${nameUnits(units)}`]
  })
  return `no further bot of step ${step + 1} loaded release ${to.release} within ${policy.deadline} s: ${members.updated.length} of ${count} run it (${said.join('; ')})`
}
