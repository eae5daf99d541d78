import type { Fact, OfferFact } from './fact.ts'
import type { Offer, ProcessRecord } from './process-record.ts'
import type { ReducedProcess } from './reduced-process.ts'
import { failOffer, reducePoll } from './reduce-poll.ts'
import { isSilent } from './silence-window.ts'

/**
 * Takes one fact in. Pure, deterministic, never throws; a fact that does not fit (a connection that was given up, an
 * end without a beginning) changes nothing, and a duplicate that arrives while an offer is being sent changes times
 * alone.
 *
 * @param now Milliseconds since 1970.
 */
export function reduceProcess(process: ProcessRecord, fact: Fact, now: number): ReducedProcess {
  switch (fact.kind) {
    case 'poll':
      return reducePoll(process, fact, now)
    case 'offer-begun':
    case 'offer-sent':
    case 'offer-cut':
    case 'offer-withdrawn':
      return reduceOffer(process, fact, now)
    case 'answered': {
      if (process.standing === fact.standing) return unchanged(process)
      const drainingSince = fact.standing === 'draining' ? now : null
      return { process: { ...process, standing: fact.standing, drainingSince }, events: [] }
    }
    case 'silence': {
      if (process.lostAt !== null || !isSilent(process, fact, now)) return unchanged(process)
      const lost = { ...process, lostAt: now, steady: false }
      return { process: lost, events: [{ kind: 'lost', process: process.process, at: now }] }
    }
  }
}

function reduceOffer(process: ProcessRecord, fact: OfferFact, now: number): ReducedProcess {
  const { offer } = process
  if (fact.kind === 'offer-begun') return { process: beginOffer(process, fact, now), events: [] }
  if (offer?.stream !== fact.stream) return unchanged(process)
  if (fact.kind === 'offer-withdrawn') return { process: { ...process, offer: withdrawn(offer) }, events: [] }
  if (fact.kind === 'offer-cut') {
    return failOffer({ ...process, offer: null }, process, offer, 'transfer-failed', now)
  }
  if (offer.sentAt !== null) return unchanged(process)
  return { process: { ...process, offer: { ...offer, sentAt: now } }, events: [] }
}

/** A second answer while the first is being sent is the same attempt, begun when the first was. */
function beginOffer(
  process: ProcessRecord,
  { target: { release, digest }, stream }: Extract<OfferFact, { kind: 'offer-begun' }>,
  now: number,
): ProcessRecord {
  const { offer, failures } = process
  const isSame = offer?.digest === digest && offer.sentAt === null
  const failed = failures.find((failure) => failure.digest === digest)
  const attempt = isSame ? offer.attempt : (failed?.loads ?? 0) + (failed?.transfers ?? 0) + 1
  const begunAt = isSame ? offer.begunAt : now
  return {
    ...process,
    standing: 'in-sync',
    drainingSince: null,
    steady: false,
    offer: {
      release,
      digest,
      begunAt,
      sentAt: null,
      attempt,
      stream,
      ...(isSame ? { earlierStream: offer.stream } : {}),
    },
  }
}

/** A second answer that could not be begun leaves the first, which is still being sent. */
function withdrawn({ earlierStream, ...offer }: Offer): Offer | null {
  return earlierStream === undefined ? null : { ...offer, stream: earlierStream }
}

function unchanged(process: ProcessRecord): ReducedProcess {
  return { process, events: [] }
}
