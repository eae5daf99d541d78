import type { ReleaseSignature, SignaturePolicy, TrustedSigner } from '../../protocol/signature.ts'

const FORMATS = { 'model-signing': 'a model signature', 'slsa-provenance': 'provenance' } as const

/** What the bundle of a release proved, as a sentence. */
export function signatureInWords(signature: ReleaseSignature | null): string {
  if (signature === null) return 'Not signed.'
  const { format, verified, key, identity, issuer } = signature
  const what = FORMATS[format]
  if (!verified) return `It has ${what} of these bytes, and nobody here has checked whose: it proves nothing.`
  if (key !== null) return `Verified: ${what} by the key ${key.slice(0, 16)}.`
  return `Verified: ${what} by ${identity ?? 'nobody'}, vouched for by ${issuer ?? 'nobody'}.`
}

/** What a model requires of an archive, as a sentence. */
export function requirementInWords(policy: SignaturePolicy | null): string {
  if (policy === null || policy.require.length === 0)
    return 'Anybody who may publish may publish unsigned archives.'
  const which = policy.when === 'executable' ? 'An archive that can run code on a bot' : 'Every archive'
  return `${which} needs a signature of ${policy.require.length === 1 ? 'this signer' : 'one of these'}; what lacks it is refused.`
}

/** A signer whose signature counts: its key by its end, where keys of one kind differ. */
export function signerInWords(signer: TrustedSigner): string {
  if ('identity' in signer) return `${signer.identity}, vouched for by ${signer.issuer}`
  const body = signer.key.replaceAll(/-----[^-]+-----|\s/g, '')
  return `the key that ends in ${body.slice(-16)}`
}
