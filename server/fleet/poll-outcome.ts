import type { PollFact } from './fact.ts'
import type { Offer, ProcessRecord } from './process-record.ts'

/** Rasa gives up on a download after 300 s (core/agent.py, DEFAULT_REQUEST_TIMEOUT); ten seconds for the way. */
export const TRANSFER_LIMIT = 290_000

/** What a poll says of the offer that was under way. */
export type PollOutcome =
  'nothing' | 'still-sending' | 'loaded' | 'load-failed' | 'transfer-failed' | 'overtaken'

/**
 * What a poll says of the offer under way (docs/rollouts.md, "What a process is doing"):
 *
 * - the offered digest: loaded, whatever is known of its bytes;
 * - all bytes sent, then what it ran before, or the bare name again: the load failed, once;
 * - being sent for 290 s or more: the transfer failed, once; before that the poll counts nothing, it is the same attempt;
 * - a third digest: an older answer was loaded after all. Never a failure.
 */
export function pollOutcome(
  { digest: before, offer }: Pick<ProcessRecord, 'digest' | 'offer'>,
  { digest }: Pick<PollFact, 'digest'>,
  now: number,
): PollOutcome {
  if (offer === null) return 'nothing'
  if (digest === offer.digest) return 'loaded'
  if (digest !== before && digest !== null) return 'overtaken'
  if (offer.sentAt !== null) return 'load-failed'
  return now - offer.begunAt >= TRANSFER_LIMIT ? 'transfer-failed' : 'still-sending'
}

/** From the last byte (or, where that was not seen, the first) to now, in seconds. */
export function secondsSinceSent({ begunAt, sentAt }: Offer, now: number): number {
  return Math.max(0, now - (sentAt ?? begunAt)) / 1000
}
