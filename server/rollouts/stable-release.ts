import type { Target } from '../fleet/process-record.ts'
import { isImmediate, type Rollout } from './rollout.ts'
import { failureOf, isLost, presentOf, type Unit } from './unit.ts'

/** What is known where a promotion begins. */
export interface StableQuestion {
  /** The rollout of its tag that it replaces, or that was the last; null: none. */
  readonly underWay: Rollout | null
  /** What the promotion brings out. */
  readonly to: Target
  /** What the tag points at: all that says what is stable where no bot of the tag was ever heard of. */
  readonly tagAt: Target | null
  /** Whether bots somewhere could not load what the rollout came from, so that to promote it would need force now. */
  readonly isFromTakenBack: boolean
  /** Those of the tag: what they show of the release of a rollback. */
  readonly units: readonly Unit[]
}

/** What bots go back to if a promotion that begins now comes to nothing: "what is stable stays stable" (docs/rollouts.md). */
export function stableRelease(question: StableQuestion): Target | null {
  const { underWay, tagAt, units } = question
  if (underWay === null || (isImmediate(underWay) && units.length === 0)) return tagAt
  // Where nothing was before, what is new is all there is.
  return isToStable(underWay, question) ? underWay.to : (underWay.from ?? underWay.to)
}

/**
 * Whether the next rollout goes back to what this one brings out: also where that is what bots are being brought back to, unless they
 * show that they cannot load it.
 */
function isToStable(rollout: Rollout, { to: next, isFromTakenBack, units }: StableQuestion): boolean {
  const { state, steps, step, to } = rollout
  if (state === 'done') return true
  if (!leadsBack(rollout, isFromTakenBack) || to.digest === next.digest) return false
  return steps[step]?.state !== 'failed' && !isRefusedByMost(to, units)
}

/**
 * Whether most bots failed to load a release, and none runs it: also before that is a verdict, and where somebody had them go on after
 * it. Nobody asks those that have gone: they may have run it when it could still be loaded.
 */
function isRefusedByMost({ digest }: Target, units: readonly Unit[]): boolean {
  const counted = units.filter((unit) => unit.isEvidence && !isLost(unit))
  if (counted.some((unit) => presentOf(unit).some((process) => process.digest === digest))) return false
  const failed = counted.filter((unit) => (failureOf(unit, digest)?.loads ?? 0) > 0)
  return failed.length > counted.length / 2
}

/** Whether a promotion brings bots to what a rollout under way brings them back to: it goes on with it, and may come to nothing as well. */
export function isSameWayBack({ underWay, to, isFromTakenBack }: StableQuestion): boolean {
  return underWay !== null && leadsBack(underWay, isFromTakenBack) && underWay.to.digest === to.digest
}

/**
 * Whether a rollout under way brings all bots away from what was rejected: by a person who rolls back, or by bots of another tag. What only
 * some were to try is nothing to go back to.
 */
function leadsBack({ state, isRollback, tagMoved }: Rollout, isFromTakenBack: boolean): boolean {
  return (isRollback === true || (isFromTakenBack && tagMoved)) && (state === 'running' || state === 'paused')
}
