import { beginStep, changed } from './begin-rollout.ts'
import { SLIPWAY, type Advanced, type Effect } from './effect.ts'
import { isLastStep, type Rollout, type Step } from './rollout.ts'
import type { Unit } from './unit.ts'

/** Writes down how the step under way ended. */
export function markStep(rollout: Rollout, state: Step['state'], now: number): Rollout {
  const steps = rollout.steps.map((step, index) =>
    index === rollout.step ? { ...step, state, endedAt: now } : step,
  )
  return { ...rollout, steps }
}

/** Leaves the step under way for the next one; the last one ends the rollout. @param by Who has it go on. */
export function completeStep(
  rollout: Rollout,
  state: 'passed' | 'inconclusive',
  units: readonly Unit[],
  now: number,
  reason: string | null,
  by: string = SLIPWAY,
): Advanced {
  const marked: Rollout = { ...markStep(rollout, state, now), reason }
  if (!isLastStep(rollout)) return beginStep(marked, rollout.step + 1, units, now, by)
  const done: Rollout = { ...marked, state: 'done', endedAt: now }
  return { rollout: done, effects: [changed(done)] }
}

/** Waits for a person. */
export function pause(rollout: Rollout, now: number, reason: string | null): Advanced {
  const paused: Rollout = { ...rollout, state: 'paused', judgedAt: now, reason }
  return { rollout: paused, effects: [changed(paused)] }
}

/**
 * Takes a release back: "everything that took the new release is offered the old one; a tag that had moved goes back;
 * the release is quarantined" (docs/rollouts.md). An abort is the same without quarantine.
 *
 * @param rollout Must have a release to go back to.
 */
export function revertRollout(
  rollout: Rollout,
  goal: 'reverted' | 'aborted',
  now: number,
  reason: string,
  { by = SLIPWAY, hasty = false }: { by?: string; hasty?: boolean } = {},
): Advanced {
  const { from, to } = rollout
  const back: Rollout = {
    ...rollout,
    state: 'reverting',
    goal,
    reason,
    judgedAt: now,
    hasty: rollout.hasty || hasty,
    tagMoved: false,
  }
  const effects: Effect[] = []
  if (rollout.tagMoved && from !== null) effects.push({ kind: 'move-tag', to: from, by, reason })
  if (goal === 'reverted') effects.push({ kind: 'quarantine', target: to, reason })
  return { rollout: back, effects: [...effects, changed(back)] }
}
