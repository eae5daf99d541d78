import type { IncomingMessage } from 'node:http'
import { isOverTls } from './is-over-tls.ts'

/** The names of the cookie that a sign-in leaves: over TLS the one that only this very host can have set (RFC 6265bis §4.1.3.2). */
const SECURE = '__Host-slipway-token'
const PLAIN = 'slipway-token'

const SECURE_COOKIE = new RegExp(`(?:^|;) *${SECURE}=([^;]*)`)
const PLAIN_COOKIE = new RegExp(`(?:^|;) *${PLAIN}=([^;]*)`)

/**
 * The token in the cookie of a request; undefined: there is none. Over TLS the plain one counts for nothing, nor does it beside
 * the other: whoever controls a neighbouring host, or a network without TLS, can have set it, to have somebody work under a
 * name of his.
 */
export function tokenInCookie(request: Pick<IncomingMessage, 'headers' | 'socket'>): string | undefined {
  const { cookie = '' } = request.headers
  const secure = SECURE_COOKIE.exec(cookie)
  const value = (secure ?? (isOverTls(request) ? null : PLAIN_COOKIE.exec(cookie)))?.[1]
  if (value === undefined || value === '') return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/**
 * The value of `Set-Cookie` that keeps a token until the browser is closed. Scripts cannot read it, and no page of another
 * site has it sent.
 *
 * @param token Empty: forgets it.
 * @param isOverTls As the browser sees it.
 */
export function tokenCookie(token: string, isOverTls: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', ...(isOverTls ? ['Secure'] : [])]
  if (token === '') attributes.push('Max-Age=0')
  return [`${isOverTls ? SECURE : PLAIN}=${encodeURIComponent(token)}`, ...attributes].join('; ')
}
