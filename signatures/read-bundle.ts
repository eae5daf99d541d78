import { bundleFromJSON, type Bundle, type Envelope } from '@sigstore/bundle'
import { LONGEST_BUNDLE_BYTES } from '../protocol/signature.ts'
import { SignatureRefused } from './signature-refused.ts'
import { readStatement, STATEMENT_MEDIA_TYPE, type ArchiveStatement } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

/** A bundle whose form is sound. Nobody has checked yet who made it. */
export interface ReadBundle {
  readonly bundle: Bundle
  readonly envelope: Envelope
  /** What the envelope says, if its signature holds. */
  readonly statement: ArchiveStatement
}

/**
 * Reads a Sigstore bundle with a signed in-toto statement in a DSSE envelope, as OpenSSF model-signing and GitHub's
 * attestations write it.
 *
 * @throws SignatureRefused `malformed`
 */
export function readBundle(bytes: Uint8Array): ReadBundle {
  if (bytes.length > LONGEST_BUNDLE_BYTES) {
    throw new SignatureRefused(
      'malformed',
      `is longer than ${LONGEST_BUNDLE_BYTES} bytes; attest the archive by itself`,
    )
  }
  const bundle = parseBundle(bytes)
  if (bundle.content.$case !== 'dsseEnvelope') {
    throw new SignatureRefused(
      'malformed',
      'signs bytes alone, without a statement: use slipway sign or model_signing sign',
    )
  }
  const envelope = bundle.content.dsseEnvelope
  if (envelope.payloadType !== STATEMENT_MEDIA_TYPE) {
    throw new SignatureRefused('malformed', `has a payload of another type than ${STATEMENT_MEDIA_TYPE}`)
  }
  if (envelope.signatures.length !== 1) {
    throw new SignatureRefused(
      'malformed',
      `has ${envelope.signatures.length} signatures where one is expected`,
    )
  }
  return {
    bundle,
    envelope,
    statement: readStatement(parse(envelope.payload, 'has a payload that is not sound JSON')),
  }
}

/**
 * Sees to it that a bundle is about an archive.
 *
 * @param digest The SHA-256 of the archive in lower-case hex.
 * @throws SignatureRefused `other-archive`
 */
export function requireDigest({ statement }: ReadBundle, digest: string): void {
  if (statement.digests.includes(digest)) return
  const [first = 'nothing', ...others] = statement.digests
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  throw new SignatureRefused('other-archive', `is about ${first}${more}, not about this archive, ${digest}`)
}

function parseBundle(bytes: Uint8Array): Bundle {
  const value = parse(bytes, 'is not sound JSON')
  try {
    return bundleFromJSON(value)
  } catch (cause) {
    throw new SignatureRefused('malformed', `is no Sigstore bundle (${reasonOf(cause)})`, { cause })
  }
}

function parse(bytes: Uint8Array, what: string): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (cause) {
    throw new SignatureRefused('malformed', `${what}: ${reasonOf(cause)}`, { cause })
  }
}

/** A parser's message may quote what it was given. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200)
}
