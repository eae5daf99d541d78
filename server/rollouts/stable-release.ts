import type { Target } from '../fleet/process-record.ts'
import { isImmediate, type Rollout } from './rollout.ts'
import { failureOf, isLoading, isLost, presentOf, type Unit } from './unit.ts'

/** What is known where a promotion begins. */
export interface StableQuestion {
  /** The rollout of its tag that it replaces, or that was the last; null: none. */
  readonly underWay: Rollout | null
  /** What the promotion brings out. */
  readonly to: Target
  /** What the tag points at: all that says what is stable where no bot of the tag was ever heard of. */
  readonly tagAt: Target | null
  /** Those of the tag: what they show of the release of a rollback. */
  readonly units: readonly Unit[]
}

/** What bots go back to if a promotion that begins now comes to nothing: "what is stable stays stable" (docs/rollouts.md). */
export function stableRelease({ underWay, to, tagAt, units }: StableQuestion): Target | null {
  if (underWay === null || (isImmediate(underWay) && units.length === 0)) return tagAt
  // Where nothing was before, what is new is all there is.
  return isToStable(underWay, to, units) ? underWay.to : (underWay.from ?? underWay.to)
}

/**
 * Whether the next rollout goes back to what this one brings out: also where that is what bots are being brought back to, unless they
 * show that they cannot load it.
 */
function isToStable(rollout: Rollout, next: Target, units: readonly Unit[]): boolean {
  const { state, steps, step, to } = rollout
  if (state === 'done') return true
  if (!isRollbackUnderWay(rollout) || isSameRollback(rollout, next)) return false
  return steps[step]?.state !== 'failed' && !isRefusedByBots(to, units)
}

/**
 * Whether no bot runs a release, and more failed to load it than are loading it: also before that is a verdict, and where somebody had
 * them go on after it. Nobody asks those that have gone: they may have run it when it could still be loaded.
 */
function isRefusedByBots({ digest }: Target, units: readonly Unit[]): boolean {
  let failed = 0
  let loading = 0
  for (const unit of units) {
    if (!unit.isEvidence || isLost(unit)) continue
    if (presentOf(unit).some((process) => process.digest === digest)) return false
    if ((failureOf(unit, digest)?.loads ?? 0) > 0) failed++
    else if (isLoading(unit, digest)) loading++
  }
  return failed > loading
}

/** Whether a promotion brings bots back to what a rollback under way brings them back to: it goes on with it, and may come to nothing as well. */
export function isSameRollback(underWay: Rollout | null, to: Target): boolean {
  return underWay !== null && isRollbackUnderWay(underWay) && underWay.to.digest === to.digest
}

function isRollbackUnderWay({ state, isRollback }: Rollout): boolean {
  return isRollback === true && (state === 'running' || state === 'paused')
}
