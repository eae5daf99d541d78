import type { PartialCopy } from '../sources/source.ts'
import { parseContentRange } from './content-range.ts'
import { digestInTag, isStrong } from './received-tag.ts'

/**
 * Whether a 206 continues the partial copy: it starts exactly where the copy ends, ends at its total, and comes
 * under the same strong tag (RFC 9110 §15.3.7). The plain and the process form of one archive's tag are the same.
 */
export function continuesPartialCopy(headers: Record<string, string>, partial: PartialCopy): boolean {
  const range = parseContentRange(headers['content-range'])
  if (range?.start !== partial.bytes || range.end === undefined) return false
  if (range.total !== undefined && range.end !== range.total - 1) return false
  const etag = headers['etag']
  if (!isStrong(etag) || !isStrong(partial.etag)) return false
  const digest = digestInTag(etag)
  return etag === partial.etag || (digest !== undefined && digest === digestInTag(partial.etag))
}
