/** Longer waits than this are taken for a mistake: one bad header must not silence a puller for good. */
const LONGEST = 3_600_000

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
 *
 * @returns milliseconds from `now`, at most an hour; undefined where there is no such header or it cannot be read.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST)
  const date = Date.parse(text)
  // Date.parse takes much that is no HTTP date; all of those end in GMT.
  if (Number.isNaN(date) || !text.endsWith('GMT')) return undefined
  return Math.min(Math.max(date - now, 0), LONGEST)
}
