import type { IncomingMessage } from 'node:http'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import type { PublishTerms } from '../../releases/publish-model.ts'
import type { Digest } from '../../releases/release.ts'
import { matchesStrongly } from '../pull/preconditions.ts'
import { RequestError } from '../reply/request-error.ts'
import { readPublishQuery, type PublishQuery } from './publish-query.ts'
import { announcedDigest, announcedLength, announcesDigest, refuseContentEncoding } from './upload-headers.ts'

/** All that a publish says before its body. */
export interface PublishRequest extends PublishQuery {
  model: string
  body: 'archive' | 'form'
  /** How long the body says it is; undefined where it does not. */
  announcedBytes: number | undefined
  /** What the archive is said to hash to. */
  digest: Digest | undefined
  /** What `If-Match` says of the release that `latest` points at; undefined where there is no `If-Match`. */
  expectsLatest: PublishTerms['expectsLatest']
}

/**
 * Reads address, query and header fields of a publish, once and for all.
 *
 * @throws RequestError `invalid-name`, `invalid-parameter`, `content-encoding-unsupported`, `digest-malformed`,
 *   `digest-unsupported`, `digest-mismatch`, `digest-on-multipart`; DomainError `tag-reserved`
 */
export function readPublishRequest(request: IncomingMessage, model: string): PublishRequest {
  const query = readPublishQuery(request.url)
  if (!isName(model))
    throw new RequestError('invalid-name', `"${model}" is not a model's name: ${NAME_RULE}.`)
  const { headers } = request
  refuseContentEncoding(request)
  const isForm = /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
  if (isForm && announcesDigest(request)) {
    throw new RequestError(
      'digest-on-multipart',
      'A digest field would cover the form; send the archive as body.',
    )
  }
  const ifMatch = headers['if-match']
  return {
    ...query,
    model,
    body: isForm ? 'form' : 'archive',
    announcedBytes: announcedLength(request),
    digest: announcedDigest(request),
    expectsLatest: ifMatch === undefined ? undefined : (latest) => matchesStrongly(ifMatch, latest),
  }
}
