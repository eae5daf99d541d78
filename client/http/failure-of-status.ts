import { PullFailure } from '../failure.ts'
import { parseRetryAfter } from '../timing/retry-after.ts'

/** The 4xx that say "not now" rather than "not so". */
const LATER = new Set([408, 425, 429])

/**
 * The failure that a status stands for, where it is none of 200, 204, 206, 304 and 416.
 *
 * @param detail What the server said about it, already cut to one line.
 */
export function failureOfStatus(
  status: number,
  headers: Record<string, string>,
  detail: string | undefined,
  now: number,
): PullFailure {
  const said = detail === undefined ? '' : `: ${detail}`
  if (status === 401 || status === 403) {
    const advice =
      status === 401
        ? 'Check the token (SLIPWAY_TOKEN goes to the origin of SLIPWAY_URL only; endpoints.yml has token, headers and basic_auth)'
        : 'The credentials are known there, but do not allow this'
    return new PullFailure('source', `the server refused us with ${status}${said}. ${advice}`, {
      again: false,
      final: true,
    })
  }
  if (status === 404) {
    return new PullFailure('source', `the server has no archive there (404)${said}`, { again: false })
  }
  const again = status >= 500 || LATER.has(status)
  const retryAfter = parseRetryAfter(headers['retry-after'], now)
  return new PullFailure('source', `the server answered ${status}${said}`, { again, retryAfter })
}
