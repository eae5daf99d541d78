import { InvalidArgumentError } from 'commander'
import { LONGEST_SECONDS } from '../endpoints/pull-interval.ts'

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

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Bytes, or with `K`, `M`, `G` for powers of 1,024. */
export function byteCount(text: string): number {
  const [, digits, unit] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  if (digits === undefined || unit === undefined)
    throw new InvalidArgumentError('Expected bytes, such as 500M.')
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
}
