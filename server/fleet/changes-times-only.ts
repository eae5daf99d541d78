import { SETTLED_AFTER } from './evidence.ts'
import type { PollFact } from './fact.ts'
import type { ProcessRecord } from './process-record.ts'

/**
 * Whether a poll can change nothing but times, gaps and counts of polls of the one process.
 *
 * @param settledAt Of its bot.
 * @param now Milliseconds since 1970.
 */
export function changesTimesOnly(
  record: ProcessRecord,
  settledAt: number | null,
  { digest }: Pick<PollFact, 'digest'>,
  now: number,
): boolean {
  return (
    record.digest === digest &&
    record.offer === null &&
    record.lostAt === null &&
    record.replacedBy === null &&
    (digest === null || settledAt !== null || now - record.since < SETTLED_AFTER)
  )
}
