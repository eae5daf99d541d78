import { parseDigestField } from '../../protocol/digest-field.ts'
import { PullFailure } from '../failure.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { archiveName } from './archive-name.ts'
import { parseContentRange } from './content-range.ts'
import { digestInTag } from './received-tag.ts'

/**
 * Reads what the headers of a 200 or 206 say about the archive, and refuses what cannot be one.
 *
 * @throws PullFailure `unsound` for a `Content-Encoding` (the body is then not the archive), for a web page, and
 *   where `Repr-Digest` and the entity tag name two digests.
 */
export function readArchiveHead(status: 200 | 206, headers: Record<string, string>, url: URL): ArchiveHead {
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw new PullFailure(
      'unsound',
      `the answer is labelled Content-Encoding: ${encoding}, so its bytes are not the archive's. ` +
        'Switch compression off for this address, in the server or in the proxy before it',
    )
  }
  if (/^(text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '')) {
    throw new PullFailure(
      'unsound',
      'the answer is a web page, not an archive: a login page or a proxy may have answered. Open the address in a browser to see it',
      { again: true },
    )
  }
  const etag = headers['etag'] === '' ? undefined : headers['etag']
  const digest = agreedDigest(headers['repr-digest'], etag)
  const total = status === 206 ? parseContentRange(headers['content-range'])?.total : undefined
  const size = status === 206 ? total : contentLength(headers['content-length'])
  return { etag, digest, size, filename: archiveName(headers, url), release: releaseNumber(headers) }
}

function agreedDigest(reprDigest: string | undefined, etag: string | undefined): string | undefined {
  const field = reprDigest === undefined ? undefined : parseDigestField(reprDigest)
  const said = field?.kind === 'sha-256' ? field.digest : undefined
  const tagged = digestInTag(etag)
  if (said !== undefined && tagged !== undefined && said !== tagged) {
    throw new PullFailure(
      'unsound',
      `the entity tag names the digest ${tagged}, but Repr-Digest names ${said}`,
      {
        again: true,
      },
    )
  }
  return said ?? tagged
}

function contentLength(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function releaseNumber(headers: Record<string, string>): number | undefined {
  const value = headers['slipway-release']
  return value !== undefined && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined
}
