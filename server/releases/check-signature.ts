import type { ReleaseSignature, SignaturePolicy } from '../../protocol/signature.ts'
import { SignatureRefused } from '../../signatures/signature-refused.ts'
import type { CertificateTrust } from '../../signatures/trusted-root.ts'
import { describeSigners, readSigners } from '../../signatures/trusted-signers.ts'
import type { SignedWith } from '../catalog/releases.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from './release.ts'

export interface SignatureDependencies {
  /** By whose certificates identities are proved; none: no model can require an identity. */
  trustedRoots: readonly CertificateTrust[]
}

/** An archive that shall be published, with what came to prove where it is from. */
export interface SignatureClaim {
  model: string
  digest: Digest
  /** Whose signature the model requires; null: nobody's. */
  policy: SignaturePolicy | null
  /** Whether it has files that can run code when a bot loads it. */
  isExecutable: boolean
  /** A Sigstore bundle as it came; undefined: none did. */
  bundle: Uint8Array | undefined
}

/**
 * Checks the signature of an archive by the rules of its model. Takes some milliseconds, and asks nobody.
 *
 * @returns What to keep of it; null where there is none, and none is required.
 * @throws DomainError `signature-required`, `signature-refused`
 */
export async function checkSignature(
  dependencies: SignatureDependencies,
  claim: SignatureClaim,
): Promise<SignedWith | null> {
  const { policy, bundle } = claim
  const isRequired = policy !== null && (policy.when !== 'executable' || claim.isExecutable)
  if (bundle === undefined) {
    if (!isRequired) return null
    throw signatureRequired(claim.model, policy)
  }
  try {
    const signature = isRequired
      ? await readVerified(dependencies, bundle, claim.digest, policy)
      : await readAny(dependencies, bundle, claim.digest, policy)
    return { signature, bundle: Buffer.from(bundle).toString() }
  } catch (error) {
    if (!(error instanceof SignatureRefused)) throw error
    throw new DomainError(
      'signature-refused',
      `The signature ${error.message}.`,
      { fault: error.fault },
      { cause: error },
    )
  }
}

/** Loaded with the first signature: a server that sees none need not have them in memory. */
const verifier = () => import('../../signatures/verify-signature.ts')
const bundleReader = () => import('../../signatures/read-bundle.ts')

async function readVerified(
  { trustedRoots: roots }: SignatureDependencies,
  bundle: Uint8Array,
  digest: Digest,
  policy: SignaturePolicy,
): Promise<ReleaseSignature> {
  const { verifySignature } = await verifier()
  const { format, signer } = verifySignature(bundle, digest, { signers: readSigners(policy.require), roots })
  return signer.kind === 'key'
    ? { format, verified: true, key: signer.fingerprint, identity: null, issuer: null }
    : { format, verified: true, key: null, identity: signer.identity, issuer: signer.issuer }
}

/** Where a signature is welcome and not required: verified where somebody made it whose signatures count. */
async function readAny(
  dependencies: SignatureDependencies,
  bundle: Uint8Array,
  digest: Digest,
  policy: SignaturePolicy | null,
): Promise<ReleaseSignature> {
  const unverified = await readUnverified(bundle, digest)
  if (policy === null) return unverified
  return readVerified(dependencies, bundle, digest, policy).catch((error: unknown) => {
    if (error instanceof SignatureRefused) return unverified
    throw error
  })
}

/** Nobody said whose signatures count here: it must be one of these bytes all the same, so that pullers find no other. */
async function readUnverified(bundle: Uint8Array, digest: Digest): Promise<ReleaseSignature> {
  const { readBundle, requireDigest } = await bundleReader()
  const read = readBundle(bundle)
  requireDigest(read, digest)
  return { format: read.statement.format, verified: false, key: null, identity: null, issuer: null }
}

/** The refusal of an archive without a signature, with whose is expected. */
export function signatureRequired(model: string, policy: SignaturePolicy): DomainError {
  const which =
    policy.when === 'executable' ? 'archives that can run code only where they' : 'only archives that'
  return new DomainError(
    'signature-required',
    `The model "${model}" takes ${which} are signed by ${describeSigners(readSigners(policy.require))}. This one came ` +
      'without a signature: publish it with slipway push --sign KEY or --bundle FILE.',
    { model },
  )
}
