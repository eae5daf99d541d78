import { addressGroup } from './address-group.ts'
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
export function independenceKey({ instance, token, address }: Source, access: PullAccess): string {
  return JSON.stringify([token, addressGroup(address), mayBeInvented({ address }, access) ? null : instance])
}

/** Whether anybody who reaches the server may poll under any name from this address. */
export function mayBeInvented({ address }: Pick<Source, 'address'>, { needsToken }: PullAccess): boolean {
  return !needsToken && !isLoopback(address)
}

/** How many of these are independent of each other. */
export function countIndependent(sources: readonly Source[], access: PullAccess): number {
  return new Set(sources.map((source) => independenceKey(source, access))).size
}

/** Of IPv4, of IPv6, or of IPv4 within IPv6. */
const LOOPBACK = /^(?:(?:::ffff:)?127\.|::1$)/i

function isLoopback(address: string): boolean {
  return LOOPBACK.test(address)
}
