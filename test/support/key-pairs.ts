import { generateKeyPairSync, type KeyObject } from 'node:crypto'

/** A pair of keys, as files hold them. */
export interface KeyPair {
  privateKey: KeyObject
  /** PKCS #8. */
  privatePem: string
  publicPem: string
}

/** Makes a pair of keys for signing archives. */
export function aKeyPair(namedCurve = 'P-256'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return {
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
