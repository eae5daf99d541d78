import { shownText } from '../../protocol/shown-text.ts'
import type { ReleaseSignature } from '../../protocol/signature.ts'
import { shortFingerprint } from '../../signatures/trusted-signers.ts'

/** Who signed a release, in words; undefined: a server from before signatures does not say. */
export function describeSignature(signature: ReleaseSignature | null | undefined): string | undefined {
  if (signature === undefined) return undefined
  if (signature === null) return 'no'
  const { verified, key, identity, issuer } = signature
  if (!verified) return 'yes, by whom was not checked'
  if (key !== null) return `by the key ${shortFingerprint(key)}`
  return shownText(`by ${identity ?? 'nobody'} of ${issuer ?? 'nobody'}`)
}
