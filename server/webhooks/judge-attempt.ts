import type { Delivery, DeliveryQueue } from './webhook.ts'
import type { AttemptResult } from './webhook-sender.ts'

/** Milliseconds before the second attempt; each further pause is twice as long. */
const FIRST_PAUSE = 5_000

/** A receiver that was unavailable is sent what waits within that time. */
export const LONGEST_PAUSE = 30 * 60_000

/** For so long a delivery is tried: over a weekend. */
export const GIVE_UP_AFTER = 3 * 24 * 60 * 60_000

/** The receiver read it and does not take it: it will not take it later either, and others wait behind it. */
const CONTENT_REFUSED: ReadonlySet<number> = new Set([400, 413, 415, 422])

/** So often it is asked all the same: proxies answer 400 on bad days. */
const TRIES_OF_REFUSED = 3

/** The receiver asks to be sent nothing any more (Standard Webhooks). */
const GONE = 410

/** What is to be written down after an attempt. */
export interface AttemptOutcome {
  readonly state: Delivery['state']
  readonly queue: Pick<DeliveryQueue, 'failures' | 'failingSince' | 'nextAt' | 'error'>
  /** What waited in the queue longer than since then is given up, too. */
  readonly giveUpBefore: number | null
  /** Why the webhook is to be sent nothing any more. */
  readonly disabledReason: string | null
}

/**
 * Says what follows from an attempt.
 *
 * @param random From 0 up to 1: receivers that failed together are not asked together.
 */
export function judgeAttempt(
  queue: Pick<DeliveryQueue, 'failures' | 'failingSince'>,
  { attempts, queuedAt }: Pick<Delivery, 'attempts' | 'queuedAt'>,
  result: AttemptResult,
  now: number,
  random: number,
): AttemptOutcome {
  const unchanged = { giveUpBefore: null, disabledReason: null }
  if (result.kind === 'accepted') {
    const calm = { failures: 0, failingSince: null, nextAt: now, error: null }
    return { state: 'delivered', queue: calm, ...unchanged }
  }
  const { status, reason: error } = result
  const failures = queue.failures + 1
  const failingSince = queue.failingSince ?? now
  if (status !== null && CONTENT_REFUSED.has(status) && attempts + 1 >= TRIES_OF_REFUSED) {
    return { state: 'dead', queue: { failures, failingSince, nextAt: now, error }, ...unchanged }
  }
  const asked = result.kind === 'failed' ? (result.retryAfter ?? 0) : 0
  const pause = Math.min(Math.max(retryPause(failures, random), asked), LONGEST_PAUSE)
  const failing = { failures, failingSince, nextAt: now + pause, error }
  if (status === GONE) {
    const disabledReason = 'the receiver answered 410: it wants nothing any more'
    return { state: 'waiting', queue: failing, giveUpBefore: null, disabledReason }
  }
  if (now - queuedAt < GIVE_UP_AFTER) return { state: 'waiting', queue: failing, ...unchanged }
  return { state: 'dead', queue: failing, giveUpBefore: now - GIVE_UP_AFTER, disabledReason: null }
}

/** Milliseconds until the next attempt: half of it certain, half of it by chance. @param failures From 1. */
export function retryPause(failures: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(failures - 1, 30), LONGEST_PAUSE)
  return pause / 2 + (random * pause) / 2
}
