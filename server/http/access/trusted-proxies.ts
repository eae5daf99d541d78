import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { peerAddress, withoutMapping } from './client-address.ts'
import type { ProxyTrust } from './proxy-trust.ts'

/** Finds the address of a client behind proxies, from what those of them that are trusted added to `X-Forwarded-For`. */
export type FindClient = (request: IncomingMessage) => string

/**
 * Each proxy appends the address that it was asked from, so the field is read from its end, and only as far as those who
 * wrote it are trusted: what stands before that may be anybody's invention.
 */
export function createFindClient(trust: ProxyTrust): FindClient {
  if ('hops' in trust) {
    return (request) => {
      const path = forwardedFor(request)
      const client = path[Math.max(0, path.length - trust.hops)]
      return client ?? peerAddress(request)
    }
  }
  const isProxy = createIsProxy(trust)
  return (request) => {
    let client = peerAddress(request)
    const path = forwardedFor(request)
    while (path.length > 0 && isProxy(client)) client = path.pop() ?? client
    return client
  }
}

/** Tells whether an address that connects is one of the trusted proxies; where they are only counted, each is. */
export function createIsProxy(trust: ProxyTrust): (address: string) => boolean {
  if ('hops' in trust) return () => true
  const trusted = new BlockList()
  for (const { address, prefix, family } of trust.networks) trusted.addSubnet(address, prefix, family)
  return (address) => {
    const version = isIP(address)
    return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Far more proxies than stand in a row anywhere. */
const MAX_HOPS = 16

/** The addresses in `X-Forwarded-For`, but for those before the last thing in it that is no address. */
function forwardedFor({ headers }: IncomingMessage): string[] {
  const value = headers['x-forwarded-for']
  const text = Array.isArray(value) ? value.join(',') : (value ?? '')
  const entries = text
    .slice(-MAX_HOPS * 64)
    .split(',')
    .slice(-MAX_HOPS)
    .map(readAddress)
  return entries.slice(entries.lastIndexOf(undefined) + 1).filter((entry) => entry !== undefined)
}

const WITH_PORT = /^(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/i

/** Some proxies add a port, which IPv6 needs brackets for. */
function readAddress(entry: string): string | undefined {
  const text = entry.trim().toLowerCase()
  const [, bracketed, dotted] = WITH_PORT.exec(text) ?? []
  const address = bracketed ?? dotted ?? text
  return isIP(address) === 0 ? undefined : withoutMapping(address)
}
