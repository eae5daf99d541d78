import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { ProblemCode } from '../../../protocol/problem-table.ts'
import { hideTokens } from '../../../protocol/token-text.ts'
import { clientAddress } from '../access/client-address.ts'
import { requestId } from './request-id.ts'
import { refusalOf } from './send-problem.ts'

/** What a request's log line says besides method, path, status and time. */
export type RequestFacts = Readonly<Record<string, string | number | undefined>>

/**
 * Writes the one line of a request. What happens all the time and needs nobody (304, probes) is for `debug`; refusals
 * are `info`, as it is the client who must act; the server's own faults are logged where they are seen.
 *
 * @param begun When the request came, by `performance.now()`.
 * @param level Where it is not that of its status.
 */
export function logRequest(
  logger: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  begun: number,
  facts: RequestFacts = {},
  level: 'debug' | 'info' | 'warn' = response.statusCode === 304 || isProbe(request.url) ? 'debug' : 'info',
): void {
  if (!logger.isLevelEnabled(level)) return
  const code = refusalOf(response)
  logger[level](
    {
      request: requestId(request),
      method: request.method,
      path: withoutSecrets(request.url ?? ''),
      status: response.statusCode,
      code,
      event: code && EVENTS[code],
      address: clientAddress(request),
      milliseconds: Math.round(performance.now() - begun),
      ...facts,
    },
    'request',
  )
}

/**
 * The level of a page, or of what a page loads: whoever looks at some pages would fill the log, and what was changed or refused
 * must be found beside that. undefined: that of its status.
 */
export function pageLevel({ method }: IncomingMessage, { statusCode }: ServerResponse): 'debug' | undefined {
  return (method === 'GET' || method === 'HEAD') && statusCode < 400 ? 'debug' : undefined
}

/** The names of what others do wrong; who watches the log looks for them. */
const EVENTS: Partial<Record<ProblemCode, string>> = {
  'token-required': 'auth_failed',
  'token-insufficient': 'auth_failed',
  'too-many-failures': 'auth_failed',
  'upload-truncated': 'upload_truncated',
  'slow-client': 'slow_client',
}

function isProbe(url = ''): boolean {
  return url === '/livez' || url === '/readyz' || url === '/metrics' || url.startsWith('/ready/')
}

/** Queries may carry tokens, and so may a path that somebody pasted one into. */
function withoutSecrets(url: string): string {
  const query = url.indexOf('?')
  return hideTokens(query === -1 ? url : `${url.slice(0, query)}?…`)
}
