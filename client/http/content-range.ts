/** `Content-Range` of a 206, or of a 416 where only the total is known (RFC 9110 §14.4). */
export interface ContentRange {
  start?: number
  end?: number
  /** Undefined where the server does not say (`*`). */
  total?: number
}

/** Reads a `Content-Range`; undefined where it is none, or contradicts itself. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const found = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/i.exec(value?.trim() ?? '')
  if (found === null) return undefined
  const [, start, end, total] = found
  const range: ContentRange = {}
  if (total !== undefined && total !== '*') range.total = Number(total)
  if (start === undefined || end === undefined) return range.total === undefined ? undefined : range
  range.start = Number(start)
  range.end = Number(end)
  if (range.start > range.end || (range.total !== undefined && range.end >= range.total)) return undefined
  return range
}
