import { isIP } from 'node:net'
import { publicAddresses } from '../outgoing/allowed-addresses.ts'
import { matchesHost } from '../outgoing/match-host.ts'
import { isNeverAsked } from '../outgoing/never-asked.ts'

/** This machine, whatever a resolver says (RFC 6761 §6.3). */
const LOCALHOST = /^(?:.+\.)?localhost\.?$/i

/** Whether the settings allow a host that is not on the public internet, and http. */
export function isAllowedHost(url: string, patterns: readonly string[]): boolean {
  const host = URL.parse(url)?.hostname
  return host !== undefined && patterns.some((pattern) => matchesHost(host, pattern))
}

/**
 * Why nothing may be sent to an address, by what it says itself; where its name leads is looked at when something is sent.
 *
 * @param patterns Hosts of `SLIPWAY_WEBHOOK_HOSTS`.
 * @returns undefined where it may.
 */
export function targetRefusal(url: string, patterns: readonly string[]): string | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'is no address that begins with https://'
  if (parsed.username !== '' || parsed.password !== '') {
    return 'carries a name or password: put a secret into the path or the query'
  }
  const { hostname } = parsed
  const isAllowed = isAllowedHost(url, patterns)
  if (parsed.protocol === 'http:' && !isAllowed) return `is not https, ${hint(hostname)}`
  if (isNeverAsked(hostname)) return 'is an address that is never asked: clouds serve credentials at such'
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family !== 0) {
    const mayBe = isAllowed || publicAddresses([{ address, family }]).length > 0
    return mayBe ? undefined : `is not on the public internet, ${hint(hostname)}`
  }
  if (LOCALHOST.test(hostname) && !isAllowed) return `is this machine, ${hint(hostname)}`
  return undefined
}

function hint(host: string): string {
  return `which needs ${host} in SLIPWAY_WEBHOOK_HOSTS`
}
