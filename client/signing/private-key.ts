import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hashOf } from '../../signatures/public-key.ts'
import { PullFailure } from '../failure.ts'

/**
 * Reads the private key that archives are signed with.
 *
 * @param file PEM: PKCS #8 or SEC 1, EC of P-256, P-384 or P-521.
 * @param passphrase Opens it where it is encrypted.
 * @throws PullFailure `configuration`, which holds nothing of the key.
 */
export async function readPrivateKey(file: string, passphrase: string | undefined): Promise<KeyObject> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PullFailure('configuration', `the key cannot be read: ${reason}`, { again: false, cause })
  })
  const key = parse(pem, file, passphrase)
  if (hashOf(key) === undefined) {
    throw new PullFailure(
      'configuration',
      `${file} is a key of another kind: use an EC key of P-256, P-384 or P-521. One is made by ` +
        'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    )
  }
  return key
}

function parse(pem: string, file: string, passphrase: string | undefined): KeyObject {
  if (/^-----BEGIN PUBLIC KEY-----/m.test(pem) && !pem.includes('PRIVATE KEY')) {
    throw new PullFailure('configuration', `${file} is the public key; signing takes the private one`)
  }
  // What Python's model-signing takes beside its key: parameters of the curve, as `openssl ecparam -genkey` writes them.
  const alone = pem.replace(/-----BEGIN EC PARAMETERS-----[^-]*-----END EC PARAMETERS-----\s*/, '')
  try {
    return createPrivateKey(passphrase === undefined ? alone : { key: alone, passphrase })
  } catch {
    // OpenSSL's reason says nothing that helps, and its cause may hold what it was given.
    const advice = pem.includes('ENCRYPTED')
      ? 'set SLIPWAY_KEY_PASSPHRASE to its passphrase'
      : 'expected a private key in PEM'
    throw new PullFailure('configuration', `${file} cannot be read as a private key: ${advice}`)
  }
}
