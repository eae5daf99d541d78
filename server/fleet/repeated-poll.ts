import type { ProcessEntry } from './bot-entry.ts'
import { changesTimesOnly } from './changes-times-only.ts'
import type { PollFact } from './fact.ts'
import { rememberGap } from './learned-interval.ts'
import { ENOUGH_POLLS, type ProcessRecord, type Source } from './process-record.ts'

/**
 * How long a process is taken to poll from where it polled before, in milliseconds: three polls of a Rasa with its defaults. Asking the kernel for the address of a new connection
 * costs 1 µs of the 33 that a poll takes, and 3 of 57 where the server was idle until it came (measured, Node 24.21, Linux 6.18).
 */
export const ADDRESS_KEPT = 300_000

/** A poll whose address was not asked for. */
export type UnaddressedPoll = Omit<PollFact, 'source'> & { readonly source: Omit<Source, 'address'> }

/**
 * Whether a poll is like the last one of its process, which was in sync, so that nothing changes but when the process was heard: see
 * {@link hearRepeat}. Where it came from was asked less than {@link ADDRESS_KEPT} ago.
 *
 * @param now Milliseconds since 1970.
 */
export function isRepeat(
  { record, bot, addressAt }: ProcessEntry,
  poll: UnaddressedPoll,
  now: number,
): boolean {
  return (
    // The clock may have been set back.
    Math.abs(now - addressAt) < ADDRESS_KEPT &&
    record.digest !== null &&
    record.polls >= ENOUGH_POLLS &&
    record.steady &&
    record.standing === 'in-sync' &&
    record.tag === poll.tag &&
    record.source.instance === poll.source.instance &&
    record.source.token === poll.source.token &&
    poll.hints.length === 0 &&
    changesTimesOnly(record, bot.fields.settledAt, poll, now)
  )
}

/** The process after a poll like its last one: what `reduceProcess` makes of it. @param now Milliseconds since 1970. */
export function hearRepeat(record: ProcessRecord, now: number): ProcessRecord {
  const lastSeen = Math.max(record.lastSeen, now)
  return { ...record, lastSeen, gaps: rememberGap(record.gaps, lastSeen - record.lastSeen) }
}
