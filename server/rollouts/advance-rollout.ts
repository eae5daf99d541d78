import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Target } from '../fleet/process-record.ts'
import { backTo, cannotBeSent } from './back-to.ts'
import { changed } from './begin-rollout.ts'
import type { Advanced, Effect } from './effect.ts'
import { completeStep, markStep, pause, revertRollout } from './end-step.ts'
import { judgeImmediate } from './judge-immediate.ts'
import { judgeReverting } from './judge-reverting.ts'
import { judgeStep, type StepVerdict } from './judge-step.ts'
import { isMember } from './membership.ts'
import { hasEnded, hasWayBack, isImmediate, probeOf, type Rollout } from './rollout.ts'
import { stepBots, type StepBots } from './step-bots.ts'
import type { Unit } from './unit.ts'
import { judgeUnit, type JudgedUnit } from './unit-status.ts'

/** What a rollout is judged by, besides itself and the time. */
export interface RolloutContext {
  /** All units of the tag. */
  readonly units: readonly Unit[]
  /** How far each of them is, where that was worked out before. */
  readonly judged?: readonly JudgedUnit[]
  /** The same of those of the step under way. */
  readonly bots?: StepBots
  readonly access: PullAccess
  /** Since when this server hears polls: its start, or the last jump of the clock. No deadline runs before. */
  readonly listeningSince: number
  /** @see JudgedAt */
  readonly clockSetAt?: number
  /** Where it goes back to by itself: `from` unless said; null: nowhere, as bots could not be sent it. */
  readonly wayBack?: Target | null
}

/**
 * Judges a rollout, and moves it on where what was seen says so. To be called after each conclusion about one of its
 * bots, and every few seconds. Pure; calling it twice does nothing twice.
 *
 * @param now Milliseconds since 1970.
 */
export function advanceRollout(rollout: Rollout, context: RolloutContext, now: number): Advanced {
  if (hasEnded(rollout)) return { rollout, effects: [] }
  if (rollout.state === 'reverting') return advanceReverting(rollout, context, now)
  const judged = context.judged ?? context.units.map((unit) => judgeUnit(rollout, unit))
  const bots = context.bots ?? stepBots(rollout, judged)
  const verdict = judgeStep(rollout, bots, context.access, { now, clockSetAt: context.clockSetAt ?? 0 })
  const broken = brokenSoak(rollout, verdict, now)
  const timed = keepTime(rollout, verdict, context, { now, broken })
  const { rollout: asked, effects } = askProbes(timed, judged)
  const advanced = isImmediate(rollout)
    ? advanceImmediate(asked, verdict, { ...context, judged }, now)
    : conclude(asked, { ...verdict, isSoaking: verdict.isSoaking && broken === 0 }, context, now)
  return { rollout: advanced.rollout, effects: [...effects, ...advanced.effects] }
}

/**
 * The deadline's clock: stands still while paused, while only the soak is waited for, and while nobody listened.
 *
 * @param at.broken What {@link brokenSoak} says.
 */
function keepTime(
  rollout: Rollout,
  { updated, isSoaking, soak }: StepVerdict,
  context: RolloutContext,
  { now, broken }: { now: number; broken: number },
): Rollout {
  const { soak: _, ...unsoaked } = rollout
  const since = Math.max(rollout.judgedAt, context.listeningSince)
  const passed = isSoaking || rollout.state === 'paused' ? 0 : Math.max(0, now - since)
  const isProgress = updated > rollout.mostUpdated
  return {
    ...unsoaked,
    ...(soak === undefined ? {} : { soak }),
    waited: isProgress ? 0 : rollout.waited + passed + broken,
    mostUpdated: Math.max(updated, rollout.mostUpdated),
    // Also where the clock was set back: or no time would pass until it is where it was.
    judgedAt: now,
  }
}

/** One soak that is broken off costs so much of the deadline at most: a soak may be as long as the deadline. */
const BROKEN_SHARE = 1 / 10

/**
 * What a soak counts of the deadline when it is broken off, in milliseconds; 0 while it goes on. The deadline stands still for a
 * soak: a bot that loads the release again and again, or says so, would hold the step up for ever, and nobody would be told.
 */
function brokenSoak({ soak: before, ...rollout }: Rollout, { soak }: StepVerdict, now: number): number {
  if (before === undefined || before.mark === soak?.mark) return 0
  if (rollout.state === 'paused' || isImmediate(rollout)) return 0
  const lost = before.soaked + Math.max(0, now - rollout.judgedAt) - (soak?.soaked ?? 0)
  return Math.min(Math.max(0, lost), rollout.policy.deadline * 1000 * BROKEN_SHARE)
}

function conclude(rollout: Rollout, verdict: StepVerdict, context: RolloutContext, now: number): Advanced {
  const { units } = context
  const nothing = { rollout, effects: [] }
  if (verdict.verdict === 'fail') return fail(rollout, verdict.reason, context, now)
  if (rollout.state === 'paused') return goBackAfterAll(rollout, verdict, context, now) ?? nothing
  if (verdict.verdict === 'pending' && !isLate(rollout, verdict)) return tellOfWaiting(rollout, verdict)
  if (verdict.verdict === 'pass') return completeStep(rollout, 'passed', units, now, verdict.reason)
  const { onInconclusive } = rollout.policy
  if (onInconclusive === 'continue' && verdict.needsPerson === undefined)
    return completeStep(rollout, 'inconclusive', units, now, verdict.reason)
  const marked = markStep(rollout, 'inconclusive', now)
  const isByPolicy = onInconclusive === 'revert' && verdict.needsPerson !== 'whatever the policy says'
  const back = isByPolicy ? goBack(marked, verdict.reason, context, now) : undefined
  return (
    back ??
    pause(
      marked,
      now,
      `${verdict.reason}: paused${isByPolicy ? whyNotBack(rollout, onInconclusive, context) : ''}`,
    )
  )
}

/**
 * Goes back where a rollout was paused only because no archive could be sent: "it goes back by itself once that archive is sound
 * again" (docs/rollouts.md). A step whose verdict `onInconclusive: revert` follows has ended; one that somebody paused has not.
 */
function goBackAfterAll(
  rollout: Rollout,
  verdict: StepVerdict,
  context: RolloutContext,
  now: number,
): Advanced | undefined {
  const step = rollout.steps[rollout.step]
  const wouldGoBack =
    rollout.policy.onInconclusive === 'revert' && step?.state === 'inconclusive' && step.endedAt !== null
  const isStillSo =
    (verdict.verdict === 'inconclusive' && verdict.needsPerson !== 'whatever the policy says') ||
    (verdict.verdict === 'pending' && isLate(rollout, verdict))
  return wouldGoBack && isStillSo ? goBack(rollout, verdict.reason, context, now) : undefined
}

/**
 * Has a person know at once where nothing more can be expected of the bots of a step, though nothing is proven: "they make a step
 * inconclusive, which is told at once" (docs/rollouts.md). What follows is decided at the deadline, as until then they may recover.
 */
function tellOfWaiting(rollout: Rollout, { waits }: StepVerdict): Advanced {
  const isTold = rollout.steps[rollout.step]?.state === 'inconclusive'
  if (isTold === (waits !== undefined)) return { rollout, effects: [] }
  const steps = rollout.steps.map((step, index) =>
    index === rollout.step
      ? { ...step, state: isTold ? ('running' as const) : ('inconclusive' as const) }
      : step,
  )
  const told: Rollout = { ...rollout, steps, reason: waits ?? rollout.startReason ?? null }
  const alert: Effect[] = waits === undefined ? [] : [{ kind: 'alert', reason: waits }]
  return { rollout: told, effects: [...alert, changed(told)] }
}

/** Takes the release back, where there is something that bots can be sent instead; undefined where there is not. */
function goBack(
  rollout: Rollout,
  evidence: string,
  { wayBack }: RolloutContext,
  now: number,
): Advanced | undefined {
  if (!hasWayBack(rollout) || wayBack === null) return undefined
  const { from } = rollout
  const to = wayBack ?? from
  const back: Rollout = to.release === from.release ? rollout : { ...rollout, from: to, fromBefore: from }
  return revertRollout(back, 'reverted', now, backTo(to.release, evidence, from.release))
}

/** Why a rollout waits for a person, although it would go back by itself. */
function whyNotBack(
  { from }: Rollout,
  wanted: RolloutPolicy['onFail' | 'onInconclusive'],
  { wayBack }: RolloutContext,
): string {
  return wanted === 'revert' && from !== null && wayBack === null ? `, as ${cannotBeSent(from.release)}` : ''
}

/** "Judging goes on while paused" (docs/rollouts.md): a pause does not keep a bad release with those that have it. */
function fail(rollout: Rollout, reason: string, context: RolloutContext, now: number): Advanced {
  const { policy } = rollout
  const marked = markStep(rollout, 'failed', now)
  const back = policy.onFail === 'revert' ? goBack(marked, reason, context, now) : undefined
  if (back !== undefined) return back
  if (rollout.state === 'paused' && rollout.steps[rollout.step]?.state === 'failed')
    return { rollout, effects: [] }
  const paused = `paused${whyNotBack(rollout, policy.onFail, context)}`
  return pause(marked, now, `${reason}: ${hasWayBack(rollout) ? paused : 'there is nothing to go back to'}`)
}

/** "A deadline decides" (docs/rollouts.md), but for the soak. */
function isLate({ waited, policy }: Rollout, { isSoaking }: StepVerdict): boolean {
  return !isSoaking && waited >= policy.deadline * 1000
}

/**
 * Ends by itself: by its fail rule, or when nobody is left to wait for. Only where bots wait for each other can a lost
 * one keep all others from it for ever: the deadline decides then, too.
 */
function advanceImmediate(
  rollout: Rollout,
  verdict: StepVerdict,
  context: RolloutContext & { readonly judged: readonly JudgedUnit[] },
  now: number,
): Advanced {
  const { judged, listeningSince } = context
  if (verdict.verdict === 'fail') return fail(rollout, verdict.reason, context, now)
  const reason =
    rollout.state === 'running' ? judgeImmediate(rollout, judged, listeningSince, now) : undefined
  if (reason === undefined) {
    const isStuck = rollout.policy.maxUpdating !== null && isLate(rollout, verdict)
    return isStuck
      ? conclude(rollout, { ...verdict, verdict: 'inconclusive' }, context, now)
      : { rollout, effects: [] }
  }
  const done: Rollout = {
    ...markStep(rollout, reason === null ? 'passed' : 'inconclusive', now),
    state: 'done',
    endedAt: now,
    reason: reason ?? rollout.reason,
  }
  const alert: Effect[] = reason === null ? [] : [{ kind: 'alert', reason }]
  return { rollout: done, effects: [...alert, changed(done)] }
}

function advanceReverting(
  rollout: Rollout,
  { units, listeningSince }: RolloutContext,
  now: number,
): Advanced {
  const left = judgeReverting(rollout, units, listeningSince, now)
  if (left === undefined) return { rollout, effects: [] }
  const reason =
    left === null ? rollout.reason : [rollout.reason, left].filter((text) => text !== null).join('; ')
  const ended: Rollout = { ...rollout, state: rollout.goal ?? 'reverted', endedAt: now, reason }
  return { rollout: ended, effects: [changed(ended)] }
}

/** Has each bot of the step that loaded the release asked, once. */
function askProbes(rollout: Rollout, judged: readonly JudgedUnit[]): Advanced {
  const { policy, probes, to } = rollout
  const step = rollout.steps[rollout.step]
  if (policy.probes.length === 0 || step === undefined) return { rollout, effects: [] }
  const asked = judged
    .filter(
      ({ unit, status }) =>
        status === 'updated' && isMember(step, unit) && probeOf(rollout, unit.id) === undefined,
    )
    .map(({ unit }) => unit)
  if (asked.length === 0) return { rollout, effects: [] }
  return {
    rollout: {
      ...rollout,
      probes: { ...probes, ...Object.fromEntries(asked.map(({ id }) => [id, 'asked'])) },
    },
    effects: asked.map(({ id, bot }) => ({ kind: 'probe', unit: id, bot, target: to })),
  }
}
