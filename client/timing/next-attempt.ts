import type { PullFailure } from '../failure.ts'
import { backOff, withJitter } from './back-off.ts'

/** One run gives up so long after the last new byte (milliseconds). */
export const DEFAULT_IDLE_TIMEOUT = 30_000

export interface Setback {
  failure: PullFailure
  /** How many failures came in a row without a new byte between them, this one included. */
  failures: number
  /** How many times in a row what came was unsound, this failure included. */
  unsound: number
  /** Milliseconds since the last new byte, or since the run began. */
  quiet: number
  /** Whether to go on for ever, as `watch` does. */
  forever: boolean
  interval: number
  /** A single run gives up this many milliseconds after the last new byte. */
  idleTimeout: number
  random: number
}

/**
 * Decides what follows a failure.
 *
 * A single run repeats only what may go better, what was unsound just once, and gives up where the wait would
 * pass the idle timeout: at once, where `Retry-After` is longer. `watch` goes on but for what is final; what will not
 * get better by itself soon waits for the next poll.
 *
 * @returns the milliseconds to wait, or `stop`.
 */
export function nextAttempt(setback: Setback): number | 'stop' {
  const { failure, failures, unsound, quiet, forever, interval, idleTimeout, random } = setback
  const again = failure.again && unsound < 2
  if (failure.final || (!forever && !again)) return 'stop'
  // A command that asked to be run again waits for a bot to start: that is looked at every few seconds.
  const base = failure.kind === 'postponed' ? 0 : interval
  const own = again ? backOff(failures, base, random) : withJitter(interval, random)
  const wait = Math.max(own, failure.retryAfter ?? 0)
  return !forever && quiet + wait >= idleTimeout ? 'stop' : wait
}
