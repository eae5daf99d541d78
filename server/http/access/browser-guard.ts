import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { tokenInCookie } from './token-cookie.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a change comes from a web page of another origin, with what the browser remembers for this server and sends by
 * itself: a password, or the cookie of a sign-in. A Bearer token is never sent by itself, so whoever sends one means it.
 */
export function isBorrowedPassword(request: IncomingMessage): boolean {
  const { method, headers } = request
  if (SAFE_METHODS.has(method ?? '')) return false
  const { authorization = '' } = headers
  if (/^basic /i.test(authorization)) return isCrossOrigin(headers)
  // Of other schemes no token is taken: beside what a browser sends to a proxy by itself (Negotiate) the cookie counts.
  if (/^bearer /i.test(authorization)) return false
  // Every browser says where a change comes from: what does not say so comes from none.
  return tokenInCookie(request) !== undefined && !isSurelySameOrigin(headers)
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

/**
 * Whether a page of this very server sent a request. `Sec-Fetch-Site` cannot be set by pages, and is right behind proxies that
 * change `Host`; browsers send it over TLS and on this machine, and `Origin` everywhere.
 */
export function isSurelySameOrigin(headers: IncomingHttpHeaders): boolean {
  if (headers['sec-fetch-site'] === 'same-origin') return true
  return headers.origin !== undefined && !isCrossOrigin(headers)
}
