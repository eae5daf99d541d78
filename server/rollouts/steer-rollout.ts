import { beginStep, changed } from './begin-rollout.ts'
import type { Advanced } from './effect.ts'
import { completeStep, pause, revertRollout } from './end-step.ts'
import { cut, LONGEST } from './move-reason.ts'
import { excludedBots } from './excluded-bots.ts'
import { hasEnded, isLastStep, type ProbeResult, type Rollout, type RolloutState } from './rollout.ts'
import type { Unit } from './unit.ts'
import { isJudgeable, workingMembers } from './working-members.ts'

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

/** What a person may do to a rollout in this state. */
export function commandsIn(state: RolloutState): RolloutCommand[] {
  return (Object.keys(ALLOWED) as RolloutCommand[]).filter((command) => ALLOWED[command].includes(state))
}

/** UTF-16 units: less of the evidence than this says nothing. */
const LEAST_EVIDENCE = 20

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
      return passStep(rollout, isLastStep(rollout) ? [] : unitsOfTag(), now, { by, reason })
    case 'retry': {
      const anew = { ...rollout, probes: {}, failuresSince: now }
      const { rollout: again, effects } = restartClock(anew, unitsOfTag, now, reason, { isAnew: true })
      return { rollout: again, effects: [{ kind: 'forget-failures', target: rollout.to }, ...effects] }
    }
    case 'abort':
      return abort(rollout, now, { by, reason, hasty })
  }
}

/** Leaves the step under way, whatever became of its bots. */
function passStep(
  rollout: Rollout,
  units: readonly Unit[],
  now: number,
  { by, reason }: Pick<Steering, 'by' | 'reason'>,
): Advanced {
  const excluded = excludedBots(rollout, units)
  const steps = rollout.steps.map((step, index) =>
    index === rollout.step && excluded !== undefined ? { ...step, excluded } : step,
  )
  const said = withEvidence(reason ?? `step ${rollout.step + 1} was passed by ${by}`, rollout)
  return completeStep({ ...rollout, steps }, 'passed', units, now, said, by)
}

/** Who has bots try again wants to know what comes of it, also of those that were passed over before; of lost ones nothing comes. */
function countingAll(rollout: Rollout): Rollout {
  const steps = rollout.steps.map(({ excluded, ...step }) => {
    const lost = excluded?.lost ?? []
    return lost.length === 0 ? step : { ...step, excluded: { lost, loads: [], probes: [] } }
  })
  return { ...rollout, steps }
}

/** What had a rollout stop, or go back by itself, would be told nowhere else once somebody has decided what becomes of it. */
function withEvidence(reason: string, rollout: Rollout): string {
  const isWaiting = rollout.steps[rollout.step]?.state === 'inconclusive'
  if ((rollout.state === 'running' && !isWaiting) || rollout.reason === null) return reason
  const joint = '; before: '
  const room = LONGEST - reason.length - joint.length
  return room < LEAST_EVIDENCE ? reason : `${reason}${joint}${cut(rollout.reason, room)}`
}

/** Milliseconds. The same order that comes sooner was sent again by a program, or by somebody who saw no answer. */
const SURELY_MEANT = 60_000

/**
 * A release that never was anywhere else cannot be taken back: the rollout ends, and the tag stays. It ends too where it
 * goes back in haste for a minute already: the bots get what the tag points at, and one that never does so keeps nothing open for ever.
 *
 * What Slipway takes back by itself ends as that, also where a person hastens it.
 */
function abort(rollout: Rollout, now: number, { by, reason, hasty = false }: Steering): Advanced {
  const { state, goal } = rollout
  const end = state === 'reverting' && goal === 'reverted' ? 'reverted' : 'aborted'
  // Sent twice, as where an answer was lost: the first said why.
  const isAgain = state === 'reverting' && goal === 'aborted'
  const isRepeated = isAgain && (reason === null || rollout.reason?.startsWith(reason) === true)
  const said = (isRepeated ? rollout.reason : null) ?? withEvidence(reason ?? `aborted by ${by}`, rollout)
  const isAskedTwice = state === 'reverting' && rollout.hasty && hasty
  if (rollout.from !== null && !(isAskedTwice && now - rollout.judgedAt >= SURELY_MEANT)) {
    const back = revertRollout(rollout, 'aborted', now, said, { by, hasty })
    // The minute of the first order in haste goes on, whatever is ordered meanwhile.
    const judgedAt = state === 'reverting' && rollout.hasty ? rollout.judgedAt : now
    return { ...back, rollout: { ...back.rollout, judgedAt, goal: end } }
  }
  const ended: Rollout = { ...rollout, state: end, goal: end, endedAt: now, reason: said }
  return { rollout: ended, effects: [changed(ended)] }
}

/** Goes on with the step under way. One that has no bots by which it can be judged looks for others. @param isAnew Whether its bots try again. */
function restartClock(
  rollout: Rollout,
  unitsOfTag: () => readonly Unit[],
  now: number,
  reason: string | null,
  { isAnew = false } = {},
): Advanced {
  const said = { ...(isAnew ? countingAll(rollout) : rollout), reason }
  if (isWithoutBots(rollout, unitsOfTag, isAnew)) return beginStep(said, rollout.step, unitsOfTag(), now)
  const steps = said.steps.map((step, index) =>
    index === rollout.step ? { ...step, state: 'running' as const, endedAt: null } : step,
  )
  const running: Rollout = { ...said, steps, state: 'running', waited: 0, judgedAt: now }
  return { rollout: running, effects: [changed(running)] }
}

function isWithoutBots(rollout: Rollout, unitsOfTag: () => readonly Unit[], isAnew: boolean): boolean {
  const step = rollout.steps[rollout.step]
  if (step === undefined || step.isForAll === true) return false
  if (step.members.length === 0) return true
  // A lost one tries nothing again.
  if (isAnew) return workingMembers(rollout, step, unitsOfTag()).size === 0
  return !isJudgeable(rollout, step, unitsOfTag())
}

/** What takes the place of a rollout. */
export interface Successor {
  /** Who promotes or rolls back. */
  readonly by: string
  /** The release that it leads to. */
  readonly to: number
  readonly isRollback: boolean
}

/** Ends a rollout because another one of its tag begins. One that has ended stays as it is. */
export function replaceRollout(rollout: Rollout, { by, to, isRollback }: Successor, now: number): Rollout {
  if (hasEnded(rollout)) return rollout
  // Why it was paused or going back is told too: who did that, or which bots could not load the release.
  const before = rollout.state !== 'running' && rollout.reason !== null ? `${rollout.reason}; ` : ''
  const move = isRollback ? 'a rollback to' : 'a promotion of'
  const reason = `${before}replaced by ${move} release ${to} by ${by}`
  return { ...rollout, state: 'replaced', endedAt: now, reason }
}

/** Takes in what asking a unit brought. */
export function noteProbe(rollout: Rollout, unit: string, result: ProbeResult): Rollout {
  return { ...rollout, probes: { ...rollout.probes, [unit]: result } }
}
