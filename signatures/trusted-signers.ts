import type { TrustedSigner } from '../protocol/signature.ts'
import { faultOfPattern, matchesPattern } from './identity-pattern.ts'
import { readPublicKey, type PublicKey } from './public-key.ts'

/** Somebody whose signature counts, ready to be compared with. */
export type ReadSigner =
  | { readonly kind: 'key'; readonly key: PublicKey }
  | { readonly kind: 'identity'; readonly pattern: string; readonly issuer: string }

/** Who proved to have signed an archive. */
export type Signer =
  | { readonly kind: 'key'; readonly fingerprint: string }
  | { readonly kind: 'identity'; readonly identity: string; readonly issuer: string }

/**
 * Reads whose signatures count.
 *
 * @throws Error whose message names the entry and says what is wrong with it.
 */
export function readSigners(signers: readonly TrustedSigner[]): ReadSigner[] {
  return signers.map((signer, index) => {
    try {
      return readSigner(signer)
    } catch (error) {
      throw new Error(`signer ${index + 1}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  })
}

function readSigner(signer: TrustedSigner): ReadSigner {
  if ('key' in signer) return { kind: 'key', key: readPublicKey(signer.key) }
  const { identity: pattern, issuer } = signer
  const fault = faultOfPattern(pattern)
  if (fault !== undefined) throw new Error(`identity is no regular expression (${fault})`)
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol))
    throw new Error(`issuer is no address: ${JSON.stringify(issuer)}`)
  return { kind: 'identity', pattern, issuer }
}

/** Whether somebody's signature counts. */
export function isTrusted(signer: Signer, trusted: readonly ReadSigner[]): boolean {
  return trusted.some((each) => {
    if (each.kind === 'key') return signer.kind === 'key' && signer.fingerprint === each.key.fingerprint
    return (
      signer.kind === 'identity' &&
      signer.issuer === each.issuer &&
      matchesPattern(each.pattern, signer.identity)
    )
  })
}

/** Who they are, for messages: `the key 41dd4dd4f4a3, or …`. */
export function describeSigners(signers: readonly ReadSigner[]): string {
  return signers
    .map((signer) =>
      signer.kind === 'key'
        ? `the key ${shortFingerprint(signer.key.fingerprint)}`
        : `${signer.pattern} of ${signer.issuer}`,
    )
    .join(', or ')
}

/** Enough of a fingerprint for people to tell keys apart. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}
