import type { Target } from '../fleet/process-record.ts'
import type { Hint } from '../fleet/hint.ts'
import { givenUp, type BreakerTerms } from './breaker.ts'
import { probeOf, type ProbeResult, type Rollout } from './rollout.ts'
import { failureOf, isLoading, isLost, isOneMachine, presentOf, type Unit } from './unit.ts'

/**
 * How far a unit is with a release.
 *
 * - `failed`: given up after failed loads, or a probe said no.
 * - `unclear`: given up for what may be the network's doing, or that of another machine which polls under its name; or not to be
 *   reached by a probe. It never fails a step.
 */
export type UnitStatus = 'updated' | 'loading' | 'waiting' | 'failed' | 'unclear' | 'lost'

/** Hints of something between bot and server that makes a good release fail. */
const ON_THE_WAY: ReadonlySet<Hint> = new Set([
  'compressed-on-the-way',
  'condition-stripped',
  'buffered-on-the-way',
  'etag-rewritten',
])

/** Says how far a unit is with a release. @param probe What was learned by asking it, where it was asked. */
export function unitStatus(
  unit: Unit,
  { digest }: Target,
  terms: BreakerTerms,
  probe?: ProbeResult,
): UnitStatus {
  const present = presentOf(unit)
  const runs = present.every((process) => process.digest === digest)
  const cause = runs ? undefined : givenUp(failureOf(unit, digest), terms)
  if (cause !== undefined) {
    const isCertain = cause === 'loads' && !unit.hints.some((hint) => ON_THE_WAY.has(hint))
    // Behind one address or one token there may be many machines that have no other name.
    return isCertain && (unit.source.instance === null || isOneMachine(unit)) ? 'failed' : 'unclear'
  }
  if (isLost(unit)) return 'lost'
  if (runs) {
    if (probe === 'failed') return 'failed'
    return probe === 'unreachable' ? 'unclear' : 'updated'
  }
  return isLoading(unit, digest) ? 'loading' : 'waiting'
}

/** A unit with how far it is. */
export interface JudgedUnit {
  readonly unit: Unit
  readonly status: UnitStatus
}

/** Says how far a unit is with the release of a rollout. */
export function judgeUnit(rollout: Rollout, unit: Unit): JudgedUnit {
  return { unit, status: unitStatus(unit, rollout.to, rollout.policy, probeOf(rollout, unit.id)) }
}

/** Since when all processes of a unit run what they run: a restart begins it anew. Milliseconds since 1970. */
export function updatedSince(unit: Pick<Unit, 'processes'>): number {
  let last = -Infinity
  for (const { since } of presentOf(unit)) if (since > last) last = since
  return last
}
