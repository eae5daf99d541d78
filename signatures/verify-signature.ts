import { verify as verifyBytes, type KeyObject } from 'node:crypto'
import { toSignedEntity, Verifier, type SignedEntity, type TrustMaterial } from '@sigstore/verify'
import type { SignatureFormat } from '../protocol/signature.ts'
import { preAuthenticationEncoding } from './pre-authentication.ts'
import { hashOf, type PublicKey } from './public-key.ts'
import { readBundle, requireDigest, type ReadBundle } from './read-bundle.ts'
import { SignatureRefused } from './signature-refused.ts'
import type { CertificateTrust } from './trusted-root.ts'
import { describeSigners, isTrusted, type ReadSigner, type Signer } from './trusted-signers.ts'

/** Whose signatures count, and by whose certificates identities are proved. */
export interface SignatureTrust {
  readonly signers: readonly ReadSigner[]
  readonly roots: readonly CertificateTrust[]
}

export interface VerifiedSignature {
  readonly format: SignatureFormat
  readonly signer: Signer
}

/**
 * Checks that somebody who is trusted says by a bundle that an archive is his.
 *
 * @param bundle A Sigstore bundle as JSON.
 * @param digest The SHA-256 of the archive in lower-case hex.
 * @throws SignatureRefused, whatever the bytes are.
 */
export function verifySignature(
  bundle: Uint8Array,
  digest: string,
  trust: SignatureTrust,
): VerifiedSignature {
  const read = readBundle(bundle)
  requireDigest(read, digest)
  try {
    return { format: read.statement.format, signer: findSigner(read, trust) }
  } catch (error) {
    if (error instanceof SignatureRefused) throw error
    // The library reads certificates and timestamps as it goes, and throws what it happens to stumble over.
    throw new SignatureRefused('malformed', 'has certificates or timestamps that cannot be read', {
      cause: error,
    })
  }
}

function findSigner(read: ReadBundle, trust: SignatureTrust): Signer {
  const entity = signedEntity(read)
  return entity.key.$case === 'public-key' ? findKey(entity, trust.signers) : findIdentity(entity, trust)
}

/**
 * The bundle as the library verifies it, but for the hash: model-signing has P-384 sign with SHA-384 and P-521 with
 * SHA-512, where the library takes SHA-256 for every key.
 */
function signedEntity({ bundle, envelope }: ReadBundle): SignedEntity {
  const entity = toSignedEntity(bundle)
  const signed = preAuthenticationEncoding(envelope.payloadType, envelope.payload)
  const sent = entity.signature
  return {
    ...entity,
    signature: {
      signature: sent.signature,
      compareDigest: (digest) => sent.compareDigest(digest),
      compareSignedDigest: (digest) => sent.compareSignedDigest(digest),
      compareSignature: (signature) => sent.compareSignature(signature),
      verifySignature: (key) => isSignedBy(key, signed, sent.signature),
    },
  }
}

function isSignedBy(key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  const hash = hashOf(key)
  return hash !== undefined && verifyBytes(hash, signed, key, signature)
}

/** A pinned key is all the trust there is: what a log or a clock says besides is not asked for. */
const KEY_ALONE = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }

function findKey(sent: SignedEntity, signers: readonly ReadSigner[]): Signer {
  const entity = { ...sent, tlogEntries: [], timestamps: [] }
  for (const signer of signers) {
    if (signer.kind !== 'key' || !isVerified(entity, trustOnly(signer.key))) continue
    return { kind: 'key', fingerprint: signer.key.fingerprint }
  }
  throw untrusted('was made with another key, or changed since', signers)
}

function isVerified(entity: SignedEntity, material: TrustMaterial): boolean {
  try {
    new Verifier(material, KEY_ALONE).verify(entity)
    return true
  } catch {
    return false
  }
}

function trustOnly({ key: publicKey }: PublicKey): TrustMaterial {
  return {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }),
  }
}

function findIdentity(entity: SignedEntity, { signers, roots }: SignatureTrust): Signer {
  if (roots.length === 0) {
    throw new SignatureRefused(
      'untrusted',
      'was made by an identity, and there is no trusted root to check its certificate by',
    )
  }
  const signer = provenIdentity(entity, roots)
  if (isTrusted(signer, signers)) return signer
  throw untrusted(`was made by ${signer.identity} of ${signer.issuer}`, signers)
}

/** Who the certificate of a bundle says that its signer is. @throws SignatureRefused where no root vouches for it. */
function provenIdentity(
  entity: SignedEntity,
  roots: readonly CertificateTrust[],
): Signer & { kind: 'identity' } {
  let failure: unknown
  for (const { material, thresholds } of roots) {
    try {
      const { identity } = new Verifier(material, thresholds).verify(entity)
      const { subjectAlternativeName, extensions } = identity ?? {}
      if (subjectAlternativeName !== undefined && extensions?.issuer !== undefined)
        return { kind: 'identity', identity: subjectAlternativeName, issuer: extensions.issuer }
      failure = new Error('its certificate names nobody')
    } catch (error) {
      failure = error
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure)
  throw new SignatureRefused('untrusted', `has no proof of who made it (${reason})`, { cause: failure })
}

function untrusted(what: string, signers: readonly ReadSigner[]): SignatureRefused {
  return new SignatureRefused('untrusted', `${what}; trusted here: ${describeSigners(signers)}`)
}
