import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ProblemCode } from '../../../protocol/problem-table.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Refuses what a web page of another origin makes a browser send with the password that the browser remembers for
 * this server. A Bearer token is never sent by itself, so whoever sends one means it.
 *
 * @returns The code of the refusal; undefined where the request may go on.
 */
export function refuseBorrowedPassword({ method, headers }: IncomingMessage): ProblemCode | undefined {
  if (SAFE_METHODS.has(method ?? '') || !/^basic /i.test(headers.authorization ?? '')) return undefined
  return isCrossOrigin(headers) ? 'cross-origin-refused' : undefined
}

/**
 * Refuses what a web page makes a developer's browser send. Without tokens nothing else tells such a request from
 * the developer's own: any page can reach loopback, and by DNS rebinding under a name of its own.
 *
 * @param ownHost The address that the server listens on.
 * @returns The code of the refusal; undefined where the request may go on.
 */
export function refuseForeignPage(
  { method, headers }: IncomingMessage,
  ownHost: string,
): ProblemCode | undefined {
  if (SAFE_METHODS.has(method ?? '')) return undefined
  const { host = '' } = headers
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (!LOOPBACK.has(name) && name !== ownHost.toLowerCase()) return 'foreign-host-refused'
  return isCrossOrigin(headers) ? 'cross-origin-refused' : undefined
}

/** Whether a page of another origin sent a request: browsers say so themselves, the older ones by `Origin` alone. */
function isCrossOrigin({ host = '', origin, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined) return false
  // Behind a proxy that ends TLS the page is https and the request is not.
  return origin.toLowerCase().replace(/^https?:\/\//, '') !== host.toLowerCase()
}
