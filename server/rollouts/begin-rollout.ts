import type { Amount, RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'
import { SLIPWAY, type Advanced, type Effect } from './effect.ts'
import { excludedBots } from './excluded-bots.ts'
import { doubtfulMembers } from './doubtful-members.ts'
import { freezeMembers, orderSeed } from './membership.ts'
import { moveReason } from './move-reason.ts'
import { isForAll, type Rollout, type Step } from './rollout.ts'
import type { Unit } from './unit.ts'
import { remainingMembers, workingMembers } from './working-members.ts'

/** What a promotion asks for. */
export interface RolloutRequest {
  readonly id: string
  readonly model: string
  readonly tag: string
  /** @see Rollout.from */
  readonly from: Target | null
  readonly to: Target
  /** What the tag points at: another release than `from` where a rollout is replaced in its last step. */
  readonly tagAt: Target | null
  /** Decides which bots come first, see `drawOrder`. */
  readonly order: string
  readonly policy: RolloutPolicy
  readonly startedBy: string
  readonly reason: string | null
  /** @see Rollout.isRollback */
  readonly isRollback?: boolean
}

/** A policy for going back: "a rollback skips steps, soak and probes" (docs/rollouts.md). */
export function withoutSteps(policy: RolloutPolicy): RolloutPolicy {
  return { ...policy, steps: ['100%'], soak: 0, probes: [] }
}

/** By which policy a release is brought out: neither a rollback nor the bytes that are stable under another number take steps. */
export function policyOfMove(
  policy: RolloutPolicy,
  {
    stable,
    to,
    isRollback,
    isHasty = false,
  }: { stable: Target | null; to: Target; isRollback: boolean; isHasty?: boolean },
): RolloutPolicy {
  const isSame = stable?.digest === to.digest && stable.release !== to.release
  const stepless = isRollback || isSame ? withoutSteps(policy) : policy
  return isHasty ? { ...stepless, maxUpdating: null, drain: 0 } : stepless
}

/** How many bots each step has. Without a release to stay with, the one step is everybody. */
export function stepTargets({ from, policy }: Pick<RolloutRequest, 'from' | 'policy'>): readonly Amount[] {
  return from === null ? ['100%'] : policy.steps
}

/**
 * Begins a rollout with its first step.
 *
 * What went wrong with the release before is forgotten: whoever promotes it again wants it tried again.
 *
 * @param now Milliseconds since 1970.
 */
export function beginRollout(request: RolloutRequest, units: readonly Unit[], now: number): Advanced {
  const { id, model, tag, from, to, tagAt, order, policy, startedBy, reason, isRollback = false } = request
  const rollout: Rollout = {
    id,
    model,
    tag,
    from,
    to,
    order,
    policy,
    startedBy,
    reason,
    startedAt: now,
    endedAt: null,
    startReason: reason,
    steps: stepTargets(request).map((target) => ({
      target,
      state: 'waiting',
      startedAt: null,
      endedAt: null,
      members: [],
    })),
    state: 'running',
    step: 0,
    goal: null,
    tagMoved: false,
    hasty: false,
    probes: {},
    waited: 0,
    mostUpdated: 0,
    judgedAt: now,
    failuresSince: now,
    ...(isRollback ? { isRollback } : {}),
  }
  const begun = beginStep(rollout, 0, units, now, startedBy)
  const effects: Effect[] = [{ kind: 'forget-failures', target: to }]
  if (!begun.rollout.tagMoved && from !== null && tagAt?.digest !== from.digest) {
    const back = moveReason({
      startedBy,
      startReason: reason,
      reason: `back to ${from.release} until its last step`,
    })
    effects.push({ kind: 'move-tag', to: from, by: startedBy, reason: back })
  }
  const told = begun.effects.map((effect) =>
    effect.kind === 'changed' ? { ...effect, began: true } : effect,
  )
  return { rollout: begun.rollout, effects: [...effects, ...told] }
}

/**
 * Freezes the bots of a step and begins it. "The tag itself moves when the last step begins" (docs/rollouts.md).
 *
 * @param by Who has it begin: whose name stands in the tag's history.
 */
export function beginStep(
  rollout: Rollout,
  index: number,
  units: readonly Unit[],
  now: number,
  by: string = SLIPWAY,
): Advanced {
  const { soak: _, ...unsoaked } = rollout
  const steps = rollout.steps.map((step, each) =>
    each === index
      ? {
          ...step,
          state: 'running' as const,
          startedAt: now,
          endedAt: null,
          ...(isForAll(rollout) ? { isForAll: true as const } : freezeStep(rollout, index, units)),
        }
      : step,
  )
  const movesTag = index === steps.length - 1 && !rollout.tagMoved
  const begun: Rollout = {
    ...unsoaked,
    steps,
    step: index,
    state: 'running',
    waited: 0,
    mostUpdated: 0,
    judgedAt: now,
    tagMoved: rollout.tagMoved || movesTag,
  }
  const reason = index === 0 ? begun.reason : moveReason(begun)
  const effects: Effect[] = movesTag ? [{ kind: 'move-tag', to: begun.to, by, reason }] : []
  return { rollout: begun, effects: [...effects, changed(begun)] }
}

function freezeStep(
  rollout: Rollout,
  index: number,
  units: readonly Unit[],
): Pick<Step, 'members' | 'doubtful' | 'excluded'> {
  // One that looks for others keeps those that it has; where it has found some it passes by these, unless it is the last one, which has all bots.
  const own = rollout.steps[index]
  const isAnew = own !== undefined && own.members.length > 0
  const before = isAnew ? own : rollout.steps[index - 1]
  const target = own?.target ?? '100%'
  const remaining = before === undefined ? [] : remainingMembers(rollout, before, units, index)
  const idle = before === undefined ? 0 : remaining.length - workingMembers(rollout, before, units).size
  const members = freezeMembers(orderSeed(rollout), target, remaining, units, idle)
  const doubtful = doubtfulMembers(members, before, units)
  const isLast = index === rollout.steps.length - 1
  const hasOthers = members.length > remaining.length
  const excluded = isAnew && hasOthers && !isLast ? excludedBots(rollout, units, ['lost']) : before?.excluded
  return {
    members,
    ...(doubtful.length === 0 ? {} : { doubtful }),
    ...(excluded === undefined ? {} : { excluded }),
  }
}

/** Tells of a rollout as it is now. */
export function changed({ state, step, steps, reason }: Rollout): Effect {
  return { kind: 'changed', state, step, stepState: steps[step]?.state ?? null, reason, began: false }
}
