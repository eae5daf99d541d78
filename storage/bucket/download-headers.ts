import type { ByteRange } from '../object-store.ts'
import { StoreUnavailable } from '../object-store.ts'

/** The Range header (RFC 9110 §14.1.2) that asks for a part. */
export function byteRangeHeader({ start, length }: ByteRange): string {
  return `bytes=${start}-${start + length - 1}`
}

/**
 * The size of the whole object, from the headers of a download; with a range, `Content-Range` must name exactly
 * the part that was asked for.
 *
 * @throws StoreUnavailable where the server sends something else
 */
export function wholeSize(
  key: string,
  range: ByteRange | undefined,
  contentRange: string | undefined,
  contentLength: number | undefined,
): number {
  if (!range) {
    if (contentLength !== undefined) return contentLength
    throw new StoreUnavailable(`"${key}" came without its length`)
  }
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? []
  if (Number(start) === range.start && Number(end) === range.start + range.length - 1) return Number(size)
  // A server may ignore Range and send everything: fine where that is what was asked for.
  if (contentRange === undefined && range.start === 0 && contentLength === range.length) return range.length
  throw new StoreUnavailable(
    `of "${key}" ${byteRangeHeader(range)} was asked for, and ${contentRange ?? 'all of it'} came`,
  )
}

/**
 * What tells one version of an object from another: its entity tag without quotes (lists of some servers have none),
 * or size and time where a server knows no tag for what was not put through it.
 */
export function versionOf(etag: string | undefined, size: number, modifiedAt: number): string {
  return etag ? etag.replace(/^(W\/)?"(.*)"$/, '$2') : `${untagged}${size}-${modifiedAt}`
}

/** The If-Match header that asks for a version; undefined where there is no tag to ask by. */
export function ifMatchHeader(version: string | undefined): string | undefined {
  return version === undefined || version.startsWith(untagged) ? undefined : `"${version}"`
}

const untagged = 'untagged-'

/** Milliseconds since 1970 of the second that a date lies in: headers are no finer, lists are. */
export function wholeSeconds(date: Date | undefined): number {
  return Math.floor((date?.getTime() ?? 0) / 1000) * 1000
}
