import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBLEMS, type ProblemCode } from '../../../protocol/problem-table.ts'
import { PROBLEM_MEDIA_TYPE, type Problem } from '../../../protocol/problem.ts'
import { hideTokens } from '../../../protocol/token-text.ts'
import type { ErrorData } from '../../errors/errors.ts'
import { requestId } from './request-id.ts'

/** Seconds after which trying again is sensible, for the problems that pass. */
const RETRY_AFTER: Partial<Record<ProblemCode, number>> = {
  'catalog-busy': 1,
  'storage-unavailable': 5,
  'storage-owned-elsewhere': 30,
  'blob-missing': 30,
  'blob-damaged': 30,
  'catalog-unavailable': 30,
  'shutting-down': 5,
  overloaded: 5,
  'issuer-unavailable': 5,
  'disk-full': 60,
  'too-many-failures': 60,
  'too-many-requests': 1,
}

/** The problem document of RFC 9457 for a code. */
export function problemOf(
  code: ProblemCode,
  detail: string | undefined,
  id: string,
  data: ErrorData = {},
): Problem {
  const { status, title } = PROBLEMS[code]
  return {
    ...data,
    type: `urn:slipway:problem:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail: hideTokens(detail) }),
    instance: `urn:slipway:request:${id}`,
  }
}

/**
 * Answers with a problem. Where the answer has begun already, the connection is broken instead: the client must not
 * take what it got for whole.
 */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  code: ProblemCode,
  detail?: string,
  data?: ErrorData,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const id = requestId(request)
  const body = Buffer.from(JSON.stringify(problemOf(code, detail, id, data)))
  const { status } = PROBLEMS[code]
  const retryAfter = RETRY_AFTER[code]
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter)
  if (status === 401) response.setHeader('WWW-Authenticate', challengesFor(request))
  response.setHeader('X-Request-Id', id)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
  response.setHeader('Content-Length', body.length)
  refusedWith.set(response, code)
  response.writeHead(status)
  response.end(request.method === 'HEAD' ? undefined : body)
  closeAfterUnreadBody(request)
}

/**
 * How a token may be sent (RFC 9110 §11.6.1). Basic is not offered to the scripts of pages, which say what they are by
 * `X-Requested-With`: the browser would ask their reader for a name and a password, and keep the answer from the script meanwhile.
 */
function challengesFor({ headers }: IncomingMessage): string[] {
  const bearer = 'Bearer realm="slipway"'
  return headers['x-requested-with'] === undefined ? [bearer, 'Basic realm="slipway"'] : [bearer]
}

/** The code that a request was refused with, for its log line and the audit: a fact of the answer, as its status is. */
export function refusalOf(response: ServerResponse): ProblemCode | undefined {
  return refusedWith.get(response)
}

/**
 * Beside the response, and not handed on from one function to the next: whoever logs comes after whoever refused, which may be the gate, an endpoint or
 * Express, and a road that forgot it would log a refusal without its reason. Only what is refused pays for it.
 */
const refusedWith = new WeakMap<ServerResponse, ProblemCode>()

/** How much of a refused body is read and dropped before its connection is cut. */
const LINGER_MILLISECONDS = 2_000

/**
 * A body that was refused unread: reading on for a moment lets the sender see the answer, as closing at once makes
 * the kernel reset the connection and with it drop what was sent (RFC 9112 §9.6).
 */
function closeAfterUnreadBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  request.on('error', () => undefined)
  request.resume()
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MILLISECONDS)
  cut.unref()
  // Not at the response's close, which comes at its end already: a body without end would be read for ever.
  request.once('end', () => {
    clearTimeout(cut)
  })
}
