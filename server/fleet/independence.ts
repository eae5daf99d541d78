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
export function independenceKey({ instance, token, address }: Source, { needsToken }: PullAccess): string {
  const trusted = needsToken || isLoopback(address)
  return JSON.stringify([token, addressGroup(address), trusted ? instance : null])
}

/** How many of these are independent of each other. */
export function countIndependent(sources: readonly Source[], access: PullAccess): number {
  return new Set(sources.map((source) => independenceKey(source, access))).size
}

function isLoopback(address: string): boolean {
  return address === '::1' || addressGroup(address).startsWith('127.')
}
