/** The names of the cookie that a sign-in leaves: over TLS the one that only this very host can have set (RFC 6265bis §4.1.3.2). */
const SECURE = '__Host-slipway-token'
const PLAIN = 'slipway-token'

const COOKIE = new RegExp(`(?:^|;) *(?:${SECURE}|${PLAIN})=([^;]*)`)

/** The token in a `Cookie` header; undefined: there is none. */
export function tokenInCookie(cookie: string): string | undefined {
  const value = COOKIE.exec(cookie)?.[1]
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
