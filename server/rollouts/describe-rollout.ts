import type { Rollout as WireRollout, RolloutSummary } from '../../protocol/rollout.ts'
import { instantAt, instantAtOrNull } from '../time/clock.ts'
import { stepSizes } from './amount.ts'
import { newTally, type RolloutTally } from './rollout-counts.ts'
import { excludedNames, type Rollout } from './rollout.ts'

/** Says of a rollout what people and programs are told. @param tally What was counted; of one that has ended none. */
export function describeRollout(rollout: Rollout, tally?: RolloutTally): WireRollout {
  const summary = summarizeRollout(rollout, tally)
  const steps = summary.steps.map((step, index) => ({
    ...step,
    members: [...(rollout.steps[index]?.members ?? [])],
  }))
  return { ...summary, steps }
}

/** Says of a rollout what lists tell: without the names of its bots. @param tally As for {@link describeRollout}. */
export function summarizeRollout(rollout: Rollout, tally = newTally()): RolloutSummary {
  const { id, model, tag, from, to, state, step, policy, reason, startedBy } = rollout
  const { endCounts } = rollout
  const population = endCounts == null ? tally.population : endCounts.bots - endCounts.lost
  const excluded = excludedNames(rollout.steps[step]).length
  const sizes = stepSizes(
    rollout.steps.map(({ target }) => target),
    Math.max(0, population - excluded),
  )
  const present = endCounts?.bots ?? tally.population
  return {
    id,
    model,
    tag,
    from: from?.release ?? null,
    to: to.release,
    state,
    step,
    steps: rollout.steps.map(({ target, state, startedAt, endedAt, members, isForAll }, index) => ({
      target,
      state,
      bots:
        startedAt === null
          ? Math.min(population, (sizes[index] ?? 0) + excluded)
          : isForAll === true
            ? present
            : members.length,
      startedAt: instantAtOrNull(startedAt),
      endedAt: instantAtOrNull(endedAt),
      failing: index === step && endCounts == null ? tally.leftAlone : 0,
      soakedUntil: instantAtOrNull(index === step ? tally.soakedUntil : null),
    })),
    counts: endCounts ?? tally.counts,
    policy,
    reason,
    startedBy,
    startReason: rollout.startReason ?? null,
    startedAt: instantAt(rollout.startedAt),
    endedAt: instantAtOrNull(rollout.endedAt),
  }
}
