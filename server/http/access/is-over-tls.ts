import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/**
 * Whether a browser came over TLS, which a proxy may have taken off since. The browser says so by the origin of a form or of a
 * change, the proxy by `X-Forwarded-Proto`; who sends that falsely fools nobody but himself.
 *
 * @returns false also where nobody said so
 */
export function isOverTls({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  const forwarded = String(headers['x-forwarded-proto'] ?? '')
  return (
    (socket as Partial<TLSSocket>).encrypted === true ||
    headers.origin?.startsWith('https:') === true ||
    /^\s*https\s*(?:,|$)/i.test(forwarded)
  )
}
