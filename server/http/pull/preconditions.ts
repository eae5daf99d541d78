import { parseArchiveTag, parseEntityTags } from '../../../protocol/entity-tag.ts'

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
