import { InvalidArgumentError } from 'commander'
import { LONGEST_SECONDS } from '../endpoints/pull-interval.ts'
import { parseByteSize } from '../../protocol/byte-size.ts'

/** Seconds on the command line, milliseconds inside. */
export function positiveSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0)
    throw new InvalidArgumentError('Expected seconds, such as 10.')
  if (seconds > LONGEST_SECONDS)
    throw new InvalidArgumentError(`Expected at most ${LONGEST_SECONDS} seconds.`)
  return seconds * 1000
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number, such as 2.')
  return Number(text)
}

/** A number of things, at least one. */
export function countFromOne(text: string): number {
  if (!/^0*[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.')
  return Number(text)
}

/** Bytes, or with `K`, `M`, `G` for powers of 1,024. */
export function byteCount(text: string): number {
  const bytes = parseByteSize(text)
  if (bytes === undefined) throw new InvalidArgumentError('Expected bytes, such as 500M.')
  return bytes
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }
/** Ten years: longer than any server takes. */
const LONGEST_LIFETIME = 3_650 * 86_400

/** A length of time with its unit, as `90d`, `12h`, `30m` or `45s`; in seconds. */
export function lengthOfTime(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const seconds = Number(digits) * (SECONDS[unit] ?? 0)
  if (digits === undefined || seconds > LONGEST_LIFETIME)
    throw new InvalidArgumentError('Expected a length of time, such as 90d, 12h or 30m; at most 3650d.')
  return seconds
}

/** As {@link lengthOfTime}, at least a second; or `never`, which stays a word: commander makes an empty text of null. */
export function lifetime(text: string): number | 'never' {
  if (text === 'never') return text
  const seconds = lengthOfTime(text)
  if (seconds === 0) throw new InvalidArgumentError('Expected a length of time above 0, or never.')
  return seconds
}
