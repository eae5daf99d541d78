import type { Rollout } from './rollout.ts'
import { nameFailures } from './sentence.ts'
import { isLost, type Unit } from './unit.ts'
import { unitStatus } from './unit-status.ts'

const HOUR = 60 * 60 * 1000

/**
 * Why an `immediate` rollout is done; undefined while it is not. It is "when every bot heard of in its window runs the
 * release or was left alone (then `reason` names those), or nothing was heard for an hour" (docs/rollouts.md).
 *
 * Bots that count as evidence decide, where there are any: whoever invents names could keep it open for ever.
 *
 * @returns The reason, null where there is nothing to say.
 */
export function judgeImmediate(
  { to, policy, startedAt }: Rollout,
  units: readonly Unit[],
  now: number,
): string | null | undefined {
  if (isQuiet(units, startedAt, now)) return 'no bot was heard of for an hour'
  const present = units.filter((unit) => !isLost(unit))
  const evidence = present.filter(({ isEvidence }) => isEvidence)
  const counted = evidence.length > 0 ? evidence : present
  if (counted.length === 0) return undefined
  const judged = counted.map((unit) => ({ unit, status: unitStatus(unit, to, policy) }))
  if (judged.some(({ status }) => status === 'loading' || status === 'waiting')) return undefined
  const alone = judged
    .filter(({ status }) => status === 'failed' || status === 'unclear')
    .map(({ unit }) => unit)
  if (alone.length === 0) return null
  const named = nameFailures(alone, to.digest)
  return `${alone.length} of ${counted.length} bots could not load release ${to.release} and were left alone (${named})`
}

/** Whether nothing was heard on a tag for an hour. */
export function isQuiet(units: readonly Unit[], since: number, now: number): boolean {
  const heard = units.flatMap(({ processes }) => processes.map(({ lastSeen }) => lastSeen))
  return now - heard.reduce((last, at) => Math.max(last, at), since) > HOUR
}
