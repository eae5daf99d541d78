import type { PollFact } from '../fleet/fact.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'

/**
 * Has a poll that was answered without the catalog, and the offer that was the answer, taken in once more where memory knows nothing
 * of it any more: it becomes what the rows say where a transaction fails that was to keep it. Otherwise nobody would know that this bot
 * loads, and it would take no place of `maxUpdating`.
 *
 * @param poll What was just taken in, and answered with an offer.
 * @param now When; milliseconds since 1970.
 * @returns What does that, as often as it is called. It does nothing where the process was heard since.
 */
export function repeatOffer(tracker: FleetTracker, model: string, poll: PollFact, now: number): () => void {
  const { process } = poll
  const offer = tracker.memory.find(model, process)?.offer
  if (offer == null) return () => undefined
  const { release, digest, stream } = offer
  return () => {
    const known = tracker.memory.find(model, process)
    if (known !== undefined && (known.lastSeen > now || known.offer?.stream === stream)) return
    tracker.take(model, poll, now)
    tracker.take(model, { kind: 'offer-begun', process, target: { release, digest }, stream }, now)
  }
}
