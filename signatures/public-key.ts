import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** The curves that OpenSSF model-signing takes, by OpenSSL's names, with the hash that each signs with. */
export const CURVES = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
} as const

/** A public key that signatures are checked with. */
export interface PublicKey {
  readonly key: KeyObject
  /** SHA-256 of its PEM in lower-case hex: what OpenSSF model-signing calls the hint. */
  readonly fingerprint: string
}

/** Far longer than the PEM of any key that is taken. */
const LONGEST_PEM = 4_000

/**
 * Reads a public key.
 *
 * @param pem `-----BEGIN PUBLIC KEY-----` (RFC 7468 §13); of the curve P-256, P-384 or P-521.
 * @throws Error whose message says what is wrong with it, and never holds any of it.
 */
export function readPublicKey(pem: string): PublicKey {
  if (pem.includes('PRIVATE KEY')) {
    throw new Error(
      'it is a private key, which nobody but its signer may have. Write its public half: openssl pkey -pubout',
    )
  }
  if (pem.length > LONGEST_PEM || !/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) {
    throw new Error('it is no public key in PEM: it begins with -----BEGIN PUBLIC KEY-----')
  }
  if (pem.match(/-----BEGIN /g)?.length !== 1)
    throw new Error('there are several keys in it: name each by itself')
  const key = parse(pem)
  if (hashOf(key) === undefined)
    throw new Error('it is a key of another kind: use an EC key of P-256, P-384 or P-521')
  return { key, fingerprint: fingerprintOf(key) }
}

/** The hash that a key signs with; undefined where the key is of no curve that is taken. */
export function hashOf(key: KeyObject): (typeof CURVES)[keyof typeof CURVES] | undefined {
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== 'ec' || namedCurve === undefined || !(namedCurve in CURVES)) return undefined
  return CURVES[namedCurve as keyof typeof CURVES]
}

/** @see PublicKey.fingerprint */
export function fingerprintOf(publicKey: KeyObject): string {
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  return createHash('sha256').update(pem).digest('hex')
}

function parse(pem: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new Error('it is no sound public key in PEM', { cause })
  }
}
