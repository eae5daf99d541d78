import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { BUNDLE_MEDIA_TYPE } from '../../protocol/signature.ts'
import { preAuthenticationEncoding } from '../../signatures/pre-authentication.ts'
import { fingerprintOf, hashOf } from '../../signatures/public-key.ts'
import { MODEL_SIGNATURE, STATEMENT_MEDIA_TYPE, STATEMENT_TYPE } from '../../signatures/statement.ts'

/** What model-signing calls a file that is a model by itself: the path below its own. */
const THE_FILE_ITSELF = '.'

/**
 * Signs an archive as OpenSSF model-signing 1.0 does (`model_signing sign key`).
 *
 * @param digest The SHA-256 of the archive in lower-case hex.
 * @param name What the archive is called; nobody relies on it.
 * @param key A private key for which {@link hashOf} knows the hash.
 * @returns A Sigstore bundle as JSON.
 */
export function signDigest(digest: string, name: string, key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(statementOf(digest, name)))
  const hash = hashOf(key)
  if (hash === undefined) throw new TypeError('the key is of no curve that signs archives')
  const signature = sign(hash, preAuthenticationEncoding(STATEMENT_MEDIA_TYPE, payload), key)
  return JSON.stringify({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: fingerprintOf(createPublicKey(key)) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: STATEMENT_MEDIA_TYPE,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  })
}

function statementOf(digest: string, name: string): object {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: createHash('sha256').update(digest, 'hex').digest('hex') } }],
    predicateType: MODEL_SIGNATURE,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: [{ name: THE_FILE_ITSELF, algorithm: 'sha256', digest }],
    },
  }
}
