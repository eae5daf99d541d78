import type { IncomingMessage } from 'node:http'
import type { OpenAccess } from '../../access/open-access.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const PROBES = /^\/(?:livez|readyz)(?:\?|$)/

/** Whether a request may go on by the name that it knows this server under. */
export type HostGuard = (request: IncomingMessage) => boolean

/**
 * Lets requests in under the names of this machine only. By DNS rebinding any web page can reach a server on loopback
 * under a name of its own, and read all that needs no token; its browser sends that name as `Host`. Probes are
 * let in by whatever name.
 *
 * @param ownHost The address that the server listens on.
 * @param open Once the first token is made, tokens guard the server, under whatever name.
 */
export function createHostGuard(ownHost: string, open: OpenAccess): HostGuard {
  const own = ownHost.includes(':') ? `[${ownHost.toLowerCase()}]` : ownHost.toLowerCase()
  const isOwn = (host: string): boolean => {
    const name = host.replace(/:\d+$/, '').toLowerCase()
    return LOOPBACK.has(name) || name === own
  }
  // Bots come under the same name again and again.
  let last: string | undefined
  return ({ headers: { host = '' }, url = '' }) => {
    if (host === last) return true
    if (!isOwn(host)) return isProbe(url) || !open.changes
    last = host
    return true
  }
}

/** Whether a request only asks whether the server is well: it is answered however things stand. */
export function isProbe(url: string): boolean {
  return PROBES.test(url)
}
