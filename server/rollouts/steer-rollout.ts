import type { Target } from '../fleet/process-record.ts'
import { beginStep, changed } from './begin-rollout.ts'
import type { Advanced } from './effect.ts'
import { completeStep, pause, revertRollout } from './end-step.ts'
import {
  hasEnded,
  isImmediate,
  isLastStep,
  type ProbeResult,
  type Rollout,
  type RolloutState,
} from './rollout.ts'
import { failureOf, presentOf, type Unit } from './unit.ts'

/** What a person may do to a rollout. */
export type RolloutCommand = 'pause' | 'resume' | 'advance' | 'abort' | 'retry'

/** The states in which each command means something; elsewhere it is 409. */
const ALLOWED: Readonly<Record<RolloutCommand, readonly RolloutState[]>> = {
  pause: ['running'],
  resume: ['paused'],
  advance: ['running', 'paused'],
  abort: ['running', 'paused', 'reverting'],
  retry: ['running', 'paused'],
}

/** Who steers, and why. */
export interface Steering {
  readonly by: string
  readonly reason: string | null
  /** With `abort`: go back without `maxUpdating` and `drain`. */
  readonly hasty?: boolean
}

/**
 * Does what a person asks.
 *
 * @param unitsOfTag Tells all units of the tag. Asked only where a step may begin: to look at 50,000 has polls wait.
 * @returns undefined where the rollout's state does not allow it; nothing has changed then.
 */
export function steerRollout(
  rollout: Rollout,
  command: RolloutCommand,
  unitsOfTag: () => readonly Unit[],
  now: number,
  { by, reason, hasty = false }: Steering,
): Advanced | undefined {
  if (!ALLOWED[command].includes(rollout.state)) return undefined
  switch (command) {
    case 'pause':
      return pause(rollout, now, reason ?? `paused by ${by}`)
    case 'resume':
      return restartClock(rollout, unitsOfTag, now, reason)
    case 'advance':
      return completeStep(
        rollout,
        'passed',
        isLastStep(rollout) ? [] : unitsOfTag(),
        now,
        reason ?? `step ${rollout.step + 1} was passed by ${by}`,
        by,
      )
    case 'retry': {
      const anew = { ...rollout, probes: {}, failuresSince: now }
      const { rollout: again, effects } = restartClock(anew, unitsOfTag, now, reason)
      return { rollout: again, effects: [{ kind: 'forget-failures', target: rollout.to }, ...effects] }
    }
    case 'abort':
      return abort(rollout, now, { by, reason, hasty })
  }
}

/**
 * A release that never was anywhere else cannot be taken back: the rollout ends, and the tag stays. It ends too where it
 * goes back in haste already: the bots get what the tag points at, and one that never does so keeps nothing open for ever.
 */
function abort(rollout: Rollout, now: number, { by, reason, hasty = false }: Steering): Advanced {
  const said = reason ?? `aborted by ${by}`
  const isAskedTwice = rollout.state === 'reverting' && rollout.hasty && hasty
  if (rollout.from !== null && !isAskedTwice) {
    return revertRollout(rollout, 'aborted', now, said, { by, hasty })
  }
  const ended: Rollout = { ...rollout, state: 'aborted', goal: 'aborted', endedAt: now, reason: said }
  return { rollout: ended, effects: [changed(ended)] }
}

/** Goes on with the step under way. One that found no bot looks for them anew. */
function restartClock(
  rollout: Rollout,
  unitsOfTag: () => readonly Unit[],
  now: number,
  reason: string | null,
): Advanced {
  const said = { ...rollout, reason }
  const step = rollout.steps[rollout.step]
  if (step?.isForAll !== true && step?.members.length === 0)
    return beginStep(said, rollout.step, unitsOfTag(), now)
  const steps = rollout.steps.map((step, index) =>
    index === rollout.step ? { ...step, state: 'running' as const, endedAt: null } : step,
  )
  const running: Rollout = { ...said, steps, state: 'running', waited: 0, judgedAt: now }
  return { rollout: running, effects: [changed(running)] }
}

/**
 * Ends a rollout because another promotion of its tag begins.
 *
 * @param next What that promotion brings out; null: it does not matter.
 * @param units Those of the tag: what they show of the release of a rollback.
 * @returns The ended one, and what is stable for the next: "what is stable stays stable" (docs/rollouts.md). The tag
 *   points there again where it had moved, unless the next one moves it at once. Where nothing was before, what is new
 *   is all there is.
 */
export function replaceRollout(
  rollout: Rollout,
  by: string,
  now: number,
  next: Rollout['from'] = null,
  units: readonly Unit[] = [],
): { replaced: Rollout; stable: Rollout['from'] } {
  const ended = hasEnded(rollout)
  // Why it was going back is told too: who aborted it, or which bots could not load the release.
  const before = rollout.state === 'reverting' && rollout.reason !== null ? `${rollout.reason}; ` : ''
  const reason = `${before}replaced by another promotion by ${by}`
  return {
    replaced: ended ? rollout : { ...rollout, state: 'replaced', endedAt: now, reason },
    stable: isToStable(rollout, next, units) ? rollout.to : (rollout.from ?? rollout.to),
  }
}

/**
 * Whether the next rollout goes back to what this one brings out: also where that is what bots are being brought back to, unless they
 * show that they cannot load it.
 */
function isToStable(rollout: Rollout, next: Rollout['from'], units: readonly Unit[]): boolean {
  const { state, steps, step, to } = rollout
  if (state === 'done') return true
  if (!isRollbackUnderWay(rollout) || isSameRollback(rollout, next)) return false
  return steps[step]?.state !== 'failed' && !isFailingAlone(to, units)
}

/** Whether bots failed to load a release, and none runs it: also before that is a verdict, and where somebody had them go on after it. */
function isFailingAlone({ digest }: Target, units: readonly Unit[]): boolean {
  const counted = units.filter(({ isEvidence }) => isEvidence)
  const runs = counted.some((unit) => presentOf(unit).some((process) => process.digest === digest))
  return !runs && counted.some((unit) => (failureOf(unit, digest)?.loads ?? 0) > 0)
}

/** Whether a promotion brings bots back to what a rollback under way brings them back to: it goes on with it, and may come to nothing as well. */
export function isSameRollback(underWay: Rollout | null, to: Rollout['from']): boolean {
  return underWay !== null && isRollbackUnderWay(underWay) && underWay.to.digest === to?.digest
}

function isRollbackUnderWay({ state, isRollback }: Rollout): boolean {
  return isRollback === true && (state === 'running' || state === 'paused')
}

/**
 * What bots go back to if a promotion that begins now comes to nothing.
 *
 * @param to What the promotion brings out.
 * @param tagAt What the tag points at: all that says it where no bot of the tag was ever heard of.
 */
export function stableRelease(
  underWay: Rollout | null,
  to: Target,
  tagAt: Rollout['from'],
  units: readonly Unit[],
): Rollout['from'] {
  if (underWay === null || (isImmediate(underWay) && units.length === 0)) return tagAt
  return replaceRollout(underWay, '', 0, to, units).stable
}

/** Takes in what asking a unit brought. */
export function noteProbe(rollout: Rollout, unit: string, result: ProbeResult): Rollout {
  return { ...rollout, probes: { ...rollout.probes, [unit]: result } }
}
