import type { Verdict } from '../finding.ts'

/** What a request to an object store came to. */
export type StoreOutcome =
  | { kind: 'done' }
  /** It will never work as configured; the message names the setting. */
  | { kind: 'misconfigured'; message: string }
  | { kind: 'missing' }
  | { kind: 'failed'; message: string }

/** How the bucket itself can be asked. */
export function judgeBucket(where: string, outcome: StoreOutcome): Verdict {
  switch (outcome.kind) {
    case 'done':
      return { ok: `${where} is there, and lets us in` }
    case 'misconfigured':
      return { code: 'store-setting', detail: sentence(outcome.message) }
    case 'missing':
      return { code: 'store-setting', detail: `${where} is not there.` }
    case 'failed':
      return { code: 'store-unreachable', detail: sentence(outcome.message) }
  }
}

/** How its objects can be listed. @param archives How many archives were seen, at most some. */
export function judgeListing(outcome: StoreOutcome, archives: string): Verdict {
  if (outcome.kind === 'done') return { ok: `it can be listed: ${archives}` }
  return {
    code: 'store-listing',
    detail: 'message' in outcome ? sentence(outcome.message) : 'There is nothing.',
  }
}

/** What is known of the object that a bot would load. */
export interface ObjectObservation {
  key: string
  outcome: StoreOutcome
  /** Bytes. */
  size: number
  /** Its first bytes. */
  start: Uint8Array
}

/** Whether a bot could load the object. */
export function judgeObject({ key, outcome, size, start }: ObjectObservation): Verdict {
  if (outcome.kind === 'missing') return { code: 'object-missing', detail: `${key} is not there.` }
  if (outcome.kind !== 'done')
    return { code: 'object-unreadable', detail: `${key}: ${sentence(outcome.message)}` }
  if (start[0] !== 0x1f || start[1] !== 0x8b)
    return { code: 'object-not-archive', detail: `${key} does not begin as gzip does.` }
  return { ok: `${key} can be read: ${size} bytes` }
}

/** Signatures of requests are good for so many milliseconds at S3 and Azure. */
const SIGNATURES_LAST = 900_000

/** Whether the store takes signatures that are made with the clock here. @param difference Milliseconds; NaN: unknown. */
export function judgeStoreClock(difference: number): Verdict | undefined {
  if (Number.isNaN(difference)) return undefined
  const seconds = Math.round(Math.abs(difference) / 1000)
  if (Math.abs(difference) > SIGNATURES_LAST * 0.9)
    return { code: 'store-clock', detail: `They are ${seconds} s apart; 900 s is the limit.` }
  if (seconds > 60) return { code: 'clock-differs', detail: `They are ${seconds} s apart.` }
  return { ok: "the store's clock agrees with the one here" }
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}
