import { parseArchiveTag, parseEntityTags } from '../../../protocol/entity-tag.ts'

/** The part of an archive to send. */
export type RangeResult =
  /** No range, or one that a server may ignore: the whole archive, 200. */
  | { kind: 'whole' }
  /** 206. */
  | { kind: 'part'; start: number; length: number }
  /** 416. */
  | { kind: 'unsatisfiable' }

const WHOLE: RangeResult = { kind: 'whole' }
const UNSATISFIABLE: RangeResult = { kind: 'unsatisfiable' }

const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Reads `Range` and `If-Range` of a GET (RFC 9110 §13.1.5, §14.2).
 *
 * One range is honoured. Several, another unit and nonsense are ignored, as §14.2 allows; an `If-Range` that does
 * not name the archive makes the answer whole, even where the range could not be satisfied. Dates never match:
 * archives have no Last-Modified.
 *
 * @param size Bytes of the archive, at least 1.
 */
export function evaluateRange(
  fields: { range?: string | undefined; 'if-range'?: string | undefined },
  digest: string,
  size: number,
): RangeResult {
  const [, first, last] = ONE_RANGE.exec(fields.range ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return WHOLE
  if (fields['if-range'] !== undefined && !namesArchive(fields['if-range'], digest)) return WHOLE
  return first === '' ? suffixRange(Number(last), size) : range(Number(first), last, size)
}

// Numbers too large for a double lie beyond every archive, so rounding them does no harm.
function range(start: number, last: string, size: number): RangeResult {
  const end = last === '' ? Infinity : Number(last)
  if (end < start) return WHOLE
  if (start >= size) return UNSATISFIABLE
  return { kind: 'part', start, length: Math.min(end, size - 1) - start + 1 }
}

function suffixRange(wanted: number, size: number): RangeResult {
  if (wanted === 0) return UNSATISFIABLE
  const length = Math.min(wanted, size)
  return { kind: 'part', start: size - length, length }
}

function namesArchive(ifRange: string, digest: string): boolean {
  const tags = parseEntityTags(ifRange)
  if (tags === undefined || tags === '*' || tags.length !== 1) return false
  return tags.every(({ opaque, weak }) => !weak && parseArchiveTag(opaque)?.digest === digest)
}
