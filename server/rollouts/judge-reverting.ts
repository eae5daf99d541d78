import type { Digest } from '../releases/release.ts'
import { isLeftAlone } from './breaker.ts'
import { isQuiet } from './judge-immediate.ts'
import { hasWayBack, type Rollout } from './rollout.ts'
import { nameFailures, nameUnits } from './sentence.ts'
import { failureOf, isLost, presentOf, type Unit } from './unit.ts'

/**
 * Whether a release has been taken back: no bot that is there runs or loads it, but for those that cannot load the old
 * one either. Where the old one cannot be sent, nor runs any bot that one. Bots that do not count are waited for until the deadline: anybody may claim to run the release.
 *
 * @param listeningSince As for `judgeImmediate`.
 * @returns What is to be said of bots that did not come back, null where all did; undefined while it is under way.
 */
export function judgeReverting(
  rollout: Rollout,
  units: readonly Unit[],
  listeningSince: number,
  now: number,
): string | null | undefined {
  const { from, to, policy, startedAt, judgedAt } = rollout
  const left = rollout.fromBefore === undefined ? [to] : [to, rollout.fromBefore]
  const touched = hasWayBack(rollout)
    ? units.filter((unit) => left.some(({ digest }) => hasTaken(unit, digest)))
    : []
  const lost = touched.filter(isLost)
  // While it goes back, nothing else is judged: that is when it began to.
  const isLate = now - judgedAt >= policy.deadline * 1000
  const isGivenUp = (unit: Unit): boolean => isLate && !unit.isEvidence
  const givenUp = touched.filter((unit) => !isLost(unit) && isGivenUp(unit))
  const present = touched.filter((unit) => !isLost(unit) && !isGivenUp(unit))
  const alone = present.filter(
    (unit) => from !== null && isLeftAlone(failureOf(unit, from.digest), policy, now),
  )
  if (alone.length < present.length && !isQuiet(units, Math.max(startedAt, listeningSince), now))
    return undefined
  const said = [
    ...(lost.length > 0 ? [`lost with release ${to.release}: ${nameUnits(lost)}`] : []),
    ...(from !== null && alone.length > 0 ? [`not back: ${nameFailures(alone, from.digest)}`] : []),
    ...(givenUp.length > 0 ? [`not waited for any more: ${nameUnits(givenUp)}`] : []),
  ]
  return said.length > 0 ? said.join('; ') : null
}

function hasTaken(unit: Unit, release: Digest): boolean {
  return presentOf(unit).some(({ digest, offer }) => digest === release || offer?.digest === release)
}
