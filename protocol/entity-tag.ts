import { isDigest } from './digest.ts'
import { isProcessName } from './process-name.ts'

/**
 * The entity tags of archives.
 *
 * Everybody gets `"<digest>"`. A process that polls as Rasa does gets `"<digest>.<process>"`: Rasa sends the
 * tag of the last model that it loaded back byte for byte, so from then on each poll says who runs what
 * (docs/adr/0004-the-process-in-the-etag.md).
 */
export interface ArchiveTag {
  digest: string
  /** The process the tag was made for; absent in the plain form. */
  process?: string | undefined
}

/** An entity tag as it came: its opaque part and whether it was marked weak (RFC 9110 §8.8.3). */
export interface EntityTag {
  opaque: string
  weak: boolean
}

/** Writes an archive's entity tag. */
export function formatArchiveTag({ digest, process }: ArchiveTag): string {
  return process === undefined ? `"${digest}"` : `"${digest}.${process}"`
}

const PROCESS_TAG = /^"([0-9a-f]{64})\.([0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15})"$/

/** Reads an entity tag that {@link formatArchiveTag} made for a process, where it came back byte for byte; undefined where it is anything else. */
export function parseProcessTag(entityTag: string): { digest: string; process: string } | undefined {
  const [, digest, process] = PROCESS_TAG.exec(entityTag) ?? []
  return digest === undefined || process === undefined ? undefined : { digest, process }
}

/** Reads the opaque part of an entity tag as an archive's; undefined where it is something else. */
export function parseArchiveTag(opaque: string): ArchiveTag | undefined {
  if (isDigest(opaque)) return { digest: opaque }
  const [digest, process, ...more] = opaque.split('.')
  if (digest === undefined || process === undefined || more.length > 0) return undefined
  return isDigest(digest) && isProcessName(process) ? { digest, process } : undefined
}

// Apache appends -gzip or -br, Jetty --gzip, some load balancers ;gzip, to the tag of what they compress.
const APPENDED = /(?:-{1,2}gzip|;gzip|-br)$/

/** An opaque part without what a proxy that compresses appends to it. */
export function withoutProxySuffix(opaque: string): string {
  return opaque.replace(APPENDED, '')
}

// White space is matched in one place at a time: two in a row would try every way to share it out, 16 KiB of it for
// a third of a second.
const LISTED = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y

/**
 * Reads a list of entity tags (RFC 9110 §8.8.3, §13.1.2).
 *
 * @returns `'*'`, or the tags; undefined where the value is no such list, as when quotes are missing.
 */
export function parseEntityTags(value: string): '*' | EntityTag[] | undefined {
  if (value.trim() === '*') return '*'
  const tags: EntityTag[] = []
  LISTED.lastIndex = 0
  while (LISTED.lastIndex < value.length) {
    const found = LISTED.exec(value)
    if (found === null) return undefined
    const [, weak, opaque] = found
    if (opaque !== undefined) tags.push({ opaque, weak: weak !== undefined })
  }
  return tags
}
