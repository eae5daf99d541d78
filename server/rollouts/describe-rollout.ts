import type { Rollout as WireRollout } from '../../protocol/rollout.ts'
import { stepSizes } from './amount.ts'
import { rolloutCounts } from './rollout-counts.ts'
import type { Rollout } from './rollout.ts'
import { isLost, type Unit } from './unit.ts'

/** Says of a rollout what people and programs are told. @param units All of its tag. */
export function describeRollout(rollout: Rollout, units: readonly Unit[]): WireRollout {
  const { id, model, tag, from, to, state, step, policy, reason, startedBy } = rollout
  const population = units.filter((unit) => unit.isEvidence && !isLost(unit)).length
  const sizes = stepSizes(
    rollout.steps.map(({ target }) => target),
    population,
  )
  return {
    ...{ id, model, tag, from: from?.release ?? null, to: to.release, state, step },
    steps: rollout.steps.map(({ target, state, startedAt, endedAt, members }, index) => ({
      ...{ target, state, members: [...members] },
      bots: startedAt === null ? (sizes[index] ?? 0) : members.length,
      ...{ startedAt: instantOrNull(startedAt), endedAt: instantOrNull(endedAt) },
    })),
    counts: rolloutCounts(rollout, units),
    ...{ policy, reason, startedBy },
    startedAt: new Date(rollout.startedAt).toISOString(),
    endedAt: instantOrNull(rollout.endedAt),
  }
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
