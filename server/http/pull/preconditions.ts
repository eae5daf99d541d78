import { parseArchiveTag, parseEntityTags } from '../../../protocol/entity-tag.ts'
import { readHeldArchives } from './held-archives.ts'

/** The header fields that preconditions of a request are made of. */
export interface PreconditionFields {
  'if-match'?: string | undefined
  'if-none-match'?: string | undefined
}

/** What preconditions ask of a server: to answer, to answer 304, or to answer 412. */
export type PreconditionResult = 'proceed' | 'not-modified' | 'failed'

/**
 * Evaluates the preconditions of a GET or HEAD of an archive that exists, in the order of RFC 9110 §13.2.2.
 *
 * Archives have no Last-Modified, so the date rules never apply (§13.1.3, §13.1.4: a recipient ignores them
 * where the resource has no modification date). A request's Cache-Control does not matter: Node's own fetch adds
 * `no-cache`, and would never see a 304.
 */
export function evaluatePreconditions(fields: PreconditionFields, digest: string): PreconditionResult {
  const ifMatch = fields['if-match']
  if (ifMatch !== undefined && !matchesStrongly(ifMatch, digest)) return 'failed'
  const ifNoneMatch = fields['if-none-match']
  if (ifNoneMatch !== undefined && holds(ifNoneMatch, digest)) return 'not-modified'
  return 'proceed'
}

/**
 * Whether an `If-Match` value names the archive (RFC 9110 §13.1.1): strong comparison, a list, or `*`. The plain
 * form and the form made for a process both name it.
 *
 * @param digest undefined where there is no archive; nothing matches then.
 */
export function matchesStrongly(ifMatch: string, digest: string | undefined): boolean {
  if (digest === undefined) return false
  const tags = parseEntityTags(ifMatch)
  if (tags === undefined || tags === '*') return tags === '*'
  return tags.some(({ opaque, weak }) => !weak && parseArchiveTag(opaque)?.digest === digest)
}

function holds(ifNoneMatch: string, digest: string): boolean {
  const { digests } = readHeldArchives(ifNoneMatch)
  return digests === '*' || digests.has(digest)
}
