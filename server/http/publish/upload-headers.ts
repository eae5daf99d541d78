import type { IncomingMessage } from 'node:http'
import { parseDigestField } from '../../../protocol/digest-field.ts'
import type { Digest } from '../../releases/release.ts'
import { RequestError } from '../reply/request-error.ts'

/**
 * Reads what the sender says the archive hashes to: `Content-Digest` or `Repr-Digest` (RFC 9530). The two cover the
 * same bytes here, as an upload has neither content coding nor range.
 *
 * @returns undefined where neither was sent.
 * @throws RequestError `digest-malformed`, `digest-unsupported`, `digest-mismatch` where the two disagree
 */
export function announcedDigest({ headers }: IncomingMessage): Digest | undefined {
  const digests = ['content-digest', 'repr-digest'].flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [readField(name, String(value))]
  })
  const [first, second] = digests
  if (first !== undefined && second !== undefined && first !== second) {
    throw new RequestError('digest-mismatch', 'Content-Digest and Repr-Digest name different digests.')
  }
  return first
}

/** Whether the sender announced any digest. */
export function announcesDigest({ headers }: IncomingMessage): boolean {
  return headers['content-digest'] !== undefined || headers['repr-digest'] !== undefined
}

function readField(name: string, value: string): Digest {
  const field = parseDigestField(value)
  if (field.kind === 'sha-256') return field.digest
  if (field.kind === 'malformed') {
    throw new RequestError(
      'digest-malformed',
      `${name} is not of the form sha-256=:BASE64:, with 32 bytes in base64.`,
    )
  }
  throw new RequestError('digest-unsupported', `${name} carries no sha-256; add it, or leave the field out.`)
}

/** How long the body says it is; undefined where it does not. */
export function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** @throws RequestError `content-encoding-unsupported`: the bytes must be the archive's own. */
export function refuseContentEncoding({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding']
  if (coding === undefined || coding.toLowerCase() === 'identity') return
  throw new RequestError(
    'content-encoding-unsupported',
    `Send the archive as it is, without Content-Encoding: ${coding}; it is gzip by its nature.`,
  )
}
