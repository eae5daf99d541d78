import { isTokenText, TOKEN_PREFIX } from '../../protocol/token-text.ts'
import type { Problem } from '../../protocol/problem.ts'
import type { FailureKind } from '../failure.ts'
import { PullFailure } from '../failure.ts'
import type { Reply } from '../http/exchange.ts'
import { problemLine, readProblem } from '../http/read-problem.ts'
import { parseRetryAfter } from '../timing/retry-after.ts'

/** The 4xx that mean "not now" rather than "never". */
const LATER = new Set([408, 425, 429])
/** Besides those of servers: a proxy on the way may answer so after it has sent the request on. */
const OF_PROXIES = new Set([408, 429])
/** What the `type` of each problem of Slipway begins with. */
const OF_SLIPWAY = 'urn:slipway:problem:'
const CONFLICT = new Set([409, 412])

/** The failure that an answer of the management API stands for, where it is no success. Reads the answer's body. */
export async function failureOfResponse(reply: Reply, token: string | undefined): Promise<PullFailure> {
  const problem = await readProblem(reply)
  const { status } = reply
  const said = problem === undefined ? `the server answered ${status}` : problemLine(problem)
  const advice = status === 401 ? ` SLIPWAY_TOKEN ${faultOfToken(token)}` : ''
  return new PullFailure(kindOfStatus(status), said + advice, {
    again: status >= 500 ? status !== 507 : LATER.has(status),
    mayBeDone: mayBeDone(status, problem),
    retryAfter: parseRetryAfter(reply.headers['retry-after'], Date.now()),
  })
}

/**
 * Whether what was asked may have been done all the same. Proxies tell that the server's answer was lost with many a status (Envoy with 503);
 * Slipway itself refuses before it changes anything, but where it says that it does not know, or failed in a way that it did not expect.
 */
function mayBeDone(status: number, problem: Problem | undefined): boolean {
  if (problem?.type.startsWith(OF_SLIPWAY) !== true) return status >= 500 || OF_PROXIES.has(status)
  return status === 500 || problem['outcome'] === 'unknown'
}

/** @see FailureKind */
export function kindOfStatus(status: number): FailureKind {
  if (status >= 500 || status < 400 || LATER.has(status)) return 'source'
  if (status === 404) return 'not-found'
  return CONFLICT.has(status) ? 'conflict' : 'denied'
}

function faultOfToken(token: string | undefined): string {
  if (token === undefined) return 'is not set'
  return token.startsWith(TOKEN_PREFIX) && !isTokenText(token)
    ? 'holds a token that is cut or mistyped: its checksum does not match'
    : 'holds a token that this server does not know, or that has ended'
}
