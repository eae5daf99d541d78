import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a change comes from a web page of another origin, with the password that the browser remembers for this
 * server. A Bearer token is never sent by itself, so whoever sends one means it.
 */
export function isBorrowedPassword({ method, headers }: IncomingMessage): boolean {
  if (SAFE_METHODS.has(method ?? '') || !/^basic /i.test(headers.authorization ?? '')) return false
  return isCrossOrigin(headers)
}

/**
 * Whether a change comes from a web page of another origin. Without tokens nothing else tells such a request from the
 * developer's own: any page can reach loopback.
 */
export function isForeignPage({ method, headers }: IncomingMessage): boolean {
  return !SAFE_METHODS.has(method ?? '') && isCrossOrigin(headers)
}

/** Whether a page of another origin sent a request: browsers say so themselves, the older ones by `Origin` alone. */
function isCrossOrigin({ host = '', origin, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined) return false
  // Behind a proxy that ends TLS the page is https and the request is not.
  return origin.toLowerCase().replace(/^https?:\/\//, '') !== host.toLowerCase()
}
