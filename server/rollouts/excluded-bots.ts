import { isMember } from './membership.ts'
import type { ExcludedBots, Rollout, Step } from './rollout.ts'
import { presentOf, wasOffered, type Unit } from './unit.ts'
import { judgeUnit, type JudgedUnit } from './unit-status.ts'

/** Why a bot cannot be waited for: it is lost, was left alone after failed loads, or answered its probes wrongly or not at all. */
type Cause = keyof ExcludedBots

const NONE: ExcludedBots = { lost: [], loads: [], probes: [] }

/**
 * The bots that a person passes over who has a rollout leave its step: those of the step that were left alone or are lost. Whoever does so has seen
 * them. In later steps, each a superset of this one, the same failures would stop the rollout again at once.
 *
 * @param units All of the tag.
 * @param causes Why those are passed over.
 * @returns Those of the steps before as well; undefined where there is none.
 */
export function excludedBots(
  rollout: Rollout,
  units: readonly Unit[],
  causes: readonly Cause[] = ['lost', 'loads', 'probes'],
): ExcludedBots | undefined {
  const step = rollout.steps[rollout.step]
  if (step === undefined) return undefined
  const { lost, loads, probes } = step.excluded ?? NONE
  const named = { lost: new Set(lost), loads: new Set(loads), probes: new Set(probes) }
  for (const unit of units) {
    if (!isMember(step, unit)) continue
    const cause = causeOf(rollout, judgeUnit(rollout, unit))
    const isOfNoStep = cause === 'lost' && !wasOffered(unit, rollout.to.digest)
    if (cause !== undefined && causes.includes(cause) && !isOfNoStep) named[cause].add(unit.id)
  }
  if (named.lost.size + named.loads.size + named.probes.size === 0) return undefined
  return { lost: [...named.lost], loads: [...named.loads], probes: [...named.probes] }
}

/**
 * Whether a bot that a person passed over "is left out of later steps for as long as it is what it was then" (docs/rollouts.md). One that was lost and
 * comes back to fail has shown what nobody saw before.
 */
export function isExcluded(rollout: Rollout, { excluded }: Step, judged: JudgedUnit): boolean {
  if (excluded === undefined) return false
  const cause = causeOf(rollout, judged)
  if (cause === undefined) return false
  // Of one that answered a probe wrongly and is silent by now nothing new was seen. One that could not load the release, and is lost with it, did load it.
  const lists = cause === 'lost' ? [excluded.lost, excluded.probes] : [excluded[cause]]
  return lists.some((members) => isMember({ members }, judged.unit))
}

function causeOf({ to }: Rollout, { unit, status }: JudgedUnit): Cause | undefined {
  if (status === 'lost') return 'lost'
  if (status !== 'failed' && status !== 'unclear') return undefined
  return presentOf(unit).every(({ digest }) => digest === to.digest) ? 'probes' : 'loads'
}
