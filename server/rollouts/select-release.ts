import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { ProcessRecord, Standing, Target } from '../fleet/process-record.ts'
import { placesFor } from './amount.ts'
import { isLeftAlone } from './breaker.ts'
import { isMember } from './membership.ts'
import { hasEnded, isLastStep, type Rollout } from './rollout.ts'
import { failureFor, presentOf, type Unit } from './unit.ts'
import { takesPlace, type PlacesTaken } from './updating.ts'

/** Everything that the answer to a poll depends on, besides the time. */
export interface SelectionQuestion {
  readonly process: ProcessRecord
  /** What it belongs to, with itself in it. */
  readonly unit: Unit
  /** What the tag points at; null: nothing. */
  readonly current: Target | null
  /** The rollout of the tag, where one is under way. */
  readonly rollout: Rollout | null
  /** The rollout's policy, else the tag's. */
  readonly policy: RolloutPolicy
  readonly places: PlacesTaken
  /** Releases that evidence bots of this tag were seen running, the last first. */
  readonly fallbacks: readonly Target[]
}

/** What to answer. */
export type Selection =
  /** 304: it runs what it should. */
  | { readonly kind: 'unchanged'; readonly target: Target }
  /** 200 with that archive. */
  | { readonly kind: 'offer'; readonly target: Target }
  /** 304 or 204: it goes on with what it has; `standing` says why. */
  | {
      readonly kind: 'hold'
      readonly status: 304 | 204
      readonly standing: Exclude<Standing, 'in-sync'>
      readonly target: Target
    }
  /** 404: nothing is tagged so. */
  | { readonly kind: 'none' }

/**
 * Says what a poll is answered: pure, so that every replica, and the same one after a restart, decides alike.
 *
 * @param now Milliseconds since 1970.
 */
export function selectRelease(question: SelectionQuestion, now: number): Selection {
  const { process, unit, policy } = question
  const target = wantedRelease(question)
  if (target === null) return { kind: 'none' }
  if (process.digest === target.digest) return { kind: 'unchanged', target }
  const isStopped = isLeftAlone(failureFor(unit, process, target.digest), policy, now)
  if (process.digest === null)
    return isStopped ? selectFallback(question, target, now) : { kind: 'offer', target }
  if (isStopped) return hold(question, 'left-alone', target)
  if (isPausedFor(question.rollout, target)) return hold(question, 'waiting', target)
  return admit(question, target, now)
}

/** "A release is selected for a bot by a pure function of rollout and bot" (docs/rollouts.md). */
export function wantedRelease({
  rollout,
  unit,
  current,
}: Pick<SelectionQuestion, 'rollout' | 'unit' | 'current'>): Target | null {
  if (rollout === null || hasEnded(rollout)) return current
  return isSelected(rollout, unit) ? rollout.to : rollout.from
}

/** Whether the new release is meant for a unit: the step's bots, and everybody once the last step began. */
export function isSelected(rollout: Rollout, unit: Pick<Unit, 'id' | 'bot' | 'processes'>): boolean {
  if (rollout.state !== 'running' && rollout.state !== 'paused') return false
  if (isLastStep(rollout)) return true
  const step = rollout.steps[rollout.step]
  return step !== undefined && isMember(step, unit)
}

/**
 * "A cold process is never held: where its load failed `attempts` times, the last release that an evidence bot of this
 * tag was seen running" (docs/rollouts.md); never the one under rollout, which is not meant for it.
 */
function selectFallback(question: SelectionQuestion, target: Target, now: number): Selection {
  const { fallbacks, rollout, unit, process, policy } = question
  const fallback = fallbacks.find(
    ({ digest }) =>
      digest !== target.digest &&
      digest !== rollout?.to.digest &&
      !isLeftAlone(failureFor(unit, process, digest), policy, now),
  )
  return fallback === undefined ? hold(question, 'left-alone', target) : { kind: 'offer', target: fallback }
}

/** A pause stops what is new; what is stable is given out as ever. */
function isPausedFor(rollout: Rollout | null, { digest }: Target): boolean {
  return rollout?.state === 'paused' && digest === rollout.to.digest
}

/**
 * "With `maxUpdating` so many load at once; with `drain` an update begins with a 304" (docs/rollouts.md).
 *
 * A bot that has a place waits all the same while others fill them all: those began with nothing to run and could not
 * wait. One that drained is ready for users again meanwhile.
 */
function admit(question: SelectionQuestion, target: Target, now: number): Selection {
  const { process, unit, policy, rollout } = question
  const isHasty = rollout?.state === 'reverting' && rollout.hasty
  const isUnderWay = process.offer?.digest === target.digest
  if (!unit.isEvidence || isHasty || isUnderWay) return { kind: 'offer', target }
  if (!hasPlace(question)) return hold(question, 'waiting', target)
  return isDrained(unit, policy.drain, now) ? { kind: 'offer', target } : hold(question, 'draining', target)
}

/** Only what matters is counted: whoever asks may have to look at the whole fleet for it. */
function hasPlace(question: SelectionQuestion): boolean {
  const { unit, rollout } = question
  const { maxUpdating } = question.policy
  if (maxUpdating === null) return true
  const { places } = question
  const others = places.taken - (takesPlace(unit, rollout) ? 1 : 0)
  const allowed = typeof maxUpdating === 'number' ? maxUpdating : placesFor(maxUpdating, places.population)
  return others < allowed
}

/** Whether a unit's users had the time to go elsewhere; a unit that loads already has none. */
function isDrained(unit: Unit, drain: number, now: number): boolean {
  if (drain === 0) return true
  const present = presentOf(unit)
  if (present.some(({ offer }) => offer !== null)) return true
  // Draining since some time in the future: the clock was set back. Nobody drains for longer by that.
  return present.some(
    ({ drainingSince }) => drainingSince !== null && Math.abs(now - drainingSince) >= drain * 1000,
  )
}

/** "304 where it runs a release that the rollout keeps, else 204" (docs/rollouts.md): Rasa goes on with either. */
function hold(
  { process: { digest }, rollout, current }: SelectionQuestion,
  standing: Exclude<Standing, 'in-sync'>,
  target: Target,
): Selection {
  const kept = rollout === null ? [current] : [rollout.from, rollout.to]
  const status = digest !== null && kept.some((each) => each?.digest === digest) ? 304 : 204
  return { kind: 'hold', status, standing, target }
}
