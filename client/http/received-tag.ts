import { parseArchiveTag, withoutProxySuffix } from '../../protocol/entity-tag.ts'

/** The digest that an entity tag carries, whatever a proxy did to the tag; undefined where it carries none. */
export function digestInTag(etag: string | undefined): string | undefined {
  if (etag === undefined) return undefined
  const opaque = etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
  return parseArchiveTag(withoutProxySuffix(opaque))?.digest
}

/** Whether a part fetched under this tag may be joined with another (RFC 9110 §13.1.5, §8.8.3.2). */
export function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && /^"[^"]*"$/.test(etag)
}
