import type { HousekeepingTerm } from '../../server/coordination/housekeeping.ts'

/** A term of the housekeeper that nobody else takes. */
export function aTerm(epoch = 1, signal: AbortSignal = new AbortController().signal): HousekeepingTerm {
  return { epoch, signal, fence: (catalog) => catalog }
}
