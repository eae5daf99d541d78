/**
 * The `Content-Digest` and `Repr-Digest` fields of RFC 9530: dictionaries (RFC 8941 §3.2) of
 * algorithm names and byte sequences, as in `sha-256=:base64:`.
 *
 * Only `sha-256` and `sha-512` are not deprecated (RFC 9530 §5). Slipway knows archives by SHA-256,
 * so a field that does not carry it proves nothing here.
 */
export type DigestField =
  | { kind: 'sha-256'; digest: string }
  /** Not a dictionary of byte sequences, or a SHA-256 of the wrong length. */
  | { kind: 'malformed' }
  /** Well formed, but without `sha-256`. */
  | { kind: 'unsupported' }

const MEMBER = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):$/

/** Reads one field value; several lines of a field are joined with commas before (RFC 9110 §5.3). */
export function parseDigestField(value: string): DigestField {
  let digest: string | undefined
  for (const text of value.split(',')) {
    const [, algorithm, base64] = MEMBER.exec(text.trim()) ?? []
    if (algorithm === undefined || base64 === undefined) return { kind: 'malformed' }
    if (algorithm !== 'sha-256') continue
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length !== 32) return { kind: 'malformed' }
    digest = bytes.toString('hex')
  }
  return digest === undefined ? { kind: 'unsupported' } : { kind: 'sha-256', digest }
}

/** Writes the field value for a digest in hex. */
export function formatDigestField(digest: string): string {
  return `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`
}
