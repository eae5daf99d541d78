import { isIPv6 } from 'node:net'
import type { Source } from './process-record.ts'

/** How much names can be trusted where polls come from. */
export interface PullAccess {
  /** Whether every pull needs a token. */
  readonly needsToken: boolean
}

/**
 * Two bots are independent when their keys differ: "when token name or address differs, and, where pulls need a token
 * or come over loopback, when `instance` does: with anonymous pulls from a network, invented names make nobody
 * independent" (docs/rollouts.md).
 */
export function independenceKey({ instance, token, address }: Source, { needsToken }: PullAccess): string {
  const trusted = needsToken || isLoopback(address)
  return JSON.stringify([token, networkOf(address), trusted ? instance : null])
}

/** How many of these are independent of each other. */
export function countIndependent(sources: readonly Source[], access: PullAccess): number {
  return new Set(sources.map((source) => independenceKey(source, access))).size
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

function isLoopback(address: string): boolean {
  return address === '::1' || (MAPPED.exec(address)?.[1] ?? address).startsWith('127.')
}

/** One host has all of an IPv6 /64 to choose addresses from (RFC 4291 §2.5.4); of IPv4 it has one. */
function networkOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head.split(':').filter((group) => group !== '')
  const right = (tail ?? '').split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
