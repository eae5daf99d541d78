import { learnedInterval } from './learned-interval.ts'
import type { ProcessRecord } from './process-record.ts'

const MINUTE = 60_000

/** Rasa's own interval of 100 s, three times. */
const SHORTEST_WINDOW = 5 * MINUTE

/** 22 MB took 66 to 314 s to load, measured with Rasa 3.6.21. */
const SHORTEST_LOAD_WINDOW = 10 * MINUTE

/**
 * "Silence: for longer than max(3 learned intervals, 5 min); while loading longer than max(10 min, 5 × the slowest
 * load)" (docs/rollouts.md).
 *
 * @param slowestLoad Seconds; of the release or, without one, of the model. null: none was seen.
 * @returns Milliseconds of silence that say nothing yet.
 */
export function silenceWindow({ gaps, offer }: ProcessRecord, slowestLoad: number | null): number {
  const polling = Math.max(3 * (learnedInterval(gaps) ?? 0), SHORTEST_WINDOW)
  if (offer === null) return polling
  return Math.max(polling, SHORTEST_LOAD_WINDOW, 5 * 1000 * (slowestLoad ?? 0))
}

/** The moment from which silence counts: the last poll, or what was sent since. */
export function quietSince({ lastSeen, offer }: ProcessRecord): number {
  return offer === null ? lastSeen : Math.max(lastSeen, offer.begunAt, offer.sentAt ?? 0)
}

/**
 * Whether a process is silent beyond its window. "After a start nothing is concluded from silence until twice the
 * window has passed" (docs/rollouts.md): meanwhile it may have polled in vain.
 */
export function isSilent(
  process: ProcessRecord,
  { slowestLoad, listeningSince }: { slowestLoad: number | null; listeningSince: number },
  now: number,
): boolean {
  const window = silenceWindow(process, slowestLoad)
  const quiet = quietSince(process)
  // Heard in the future: the clock was set back since, which is when listening began anew.
  return now - (quiet > now ? listeningSince : quiet) > window && now - listeningSince > 2 * window
}
