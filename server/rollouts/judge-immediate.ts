import type { Rollout } from './rollout.ts'
import { nameFailures, nameUnits } from './sentence.ts'
import { isLost, type Unit } from './unit.ts'
import type { JudgedUnit } from './unit-status.ts'

const HOUR = 60 * 60 * 1000

/**
 * Why an `immediate` rollout is done; undefined while it is not. It is "when every bot heard of in its window runs the
 * release or was left alone (then `reason` names those), or nothing was heard for an hour" (docs/rollouts.md).
 *
 * Bots that count as evidence decide, where there are any. Where there are none, or all are lost, the others do until the
 * deadline: whoever invents names, or begins anew under another one again and again, could keep it open for ever. So could a bot
 * that takes the release again and again, and shows a third one each time: the deadline ends it, too.
 *
 * @param judged All units of the tag, with how far each is.
 * @param listeningSince Since when this server hears polls: it knows nothing of an hour in which it did not run.
 * @returns The reason, null where there is nothing to say.
 */
export function judgeImmediate(
  { to, policy, startedAt, waited }: Rollout,
  judged: readonly JudgedUnit[],
  listeningSince: number,
  now: number,
): string | null | undefined {
  const units = judged.map(({ unit }) => unit)
  if (isQuiet(units, Math.max(startedAt, listeningSince), now)) return 'no bot was heard of for an hour'
  const present = judged.filter(({ unit }) => !isLost(unit))
  const evidence = present.filter(({ unit }) => unit.isEvidence)
  const counted = evidence.length > 0 ? evidence : present
  if (counted.length === 0) return undefined
  if (evidence.length === 0 && waited >= policy.deadline * 1000) return nobodyCounts(units, to)
  const open = counted.filter(({ status }) => status === 'loading' || status === 'waiting')
  if (open.length > 0) {
    // Where bots wait for each other, `onInconclusive` says what follows.
    if (waited < policy.deadline * 1000 || policy.maxUpdating !== null) return undefined
    const named = nameUnits(open.map(({ unit }) => unit))
    return `${open.length} of ${counted.length} bots did not load release ${to.release}: no further one did within ${policy.deadline} s (${named})`
  }
  const alone = counted
    .filter(({ status }) => status === 'failed' || status === 'unclear')
    .map(({ unit }) => unit)
  if (alone.length === 0) return null
  const named = nameFailures(alone, to.digest)
  return `${alone.length} of ${counted.length} bots could not load release ${to.release} and were left alone (${named})`
}

function nobodyCounts(units: readonly Unit[], { release }: Rollout['to']): string {
  const lost = units.filter(({ isEvidence }) => isEvidence)
  const who =
    lost.length === 0 ? 'no bot counts as evidence' : `every bot that counts is lost (${nameUnits(lost)})`
  return `${who}: nothing can be seen of release ${release}`
}

/** Whether nothing was heard on a tag for an hour. */
export function isQuiet(units: readonly Unit[], since: number, now: number): boolean {
  if (now - since <= HOUR) return false
  return !units.some(({ processes }) => processes.some(({ lastSeen }) => now - lastSeen <= HOUR))
}
