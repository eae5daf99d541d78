import { parseArchiveTag, withoutProxySuffix } from '../../../protocol/entity-tag.ts'
import type { Verdict } from '../finding.ts'

/** The entity tags that two processes got from the same address, one after the other. */
export interface TagsObservation {
  /** The `ETag` of each; undefined where there was none. */
  tags: readonly [string | undefined, string | undefined]
  /** The hex that each had sent. */
  processes: readonly [string, string]
  /** Whether the server is Slipway, so that it is known what it sent. */
  isSlipway: boolean
  /** Whether an answer says that it comes from a cache. */
  fromCache: boolean
}

/** What the entity tags say of the way. */
export function judgeTags({ tags, processes, isSlipway, fromCache }: TagsObservation): Verdict {
  const [first, second] = tags
  if (first === undefined || first === '') return { code: 'tag-missing', detail: 'The answer has no ETag.' }
  if (fromCache) return { code: 'cached', detail: 'The answer says that it comes from a cache.' }
  if (!isSlipway) return { ok: `the answer has an entity tag, ${first}` }
  const read = readTag(first)
  if (read === undefined)
    return { code: 'tag-altered', detail: `The entity tag is ${first}, which Slipway does not send.` }
  const other = second === undefined ? undefined : readTag(second)
  if (read.process === processes[1] || other?.process === processes[0])
    return { code: 'cached', detail: 'A second bot was answered with the entity tag that the first one got.' }
  if (read.process !== undefined && read.process !== processes[0])
    return { code: 'cached', detail: 'The answer has the entity tag of another bot.' }
  const sent = read.process === undefined ? `"${read.digest}"` : `"${read.digest}.${read.process}"`
  if (first !== sent)
    return { code: 'tag-altered', detail: `The entity tag was sent as ${sent} and came as ${first}.` }
  if (read.process === undefined) return { ok: 'the entity tag comes unchanged' }
  return { ok: 'each bot gets an entity tag of its own, unchanged' }
}

/** An archive's tag, whatever a proxy did to it. */
function readTag(tag: string): ReturnType<typeof parseArchiveTag> {
  const bare = withoutProxySuffix(tag.trim()).replace(/^W\//, '').replaceAll('"', '')
  return parseArchiveTag(withoutProxySuffix(bare))
}

/** Whether header fields of an answer say that no server was asked: what Squid, Varnish, nginx and others add. */
export function isFromCache(fields: Readonly<Record<string, string | undefined>>): boolean {
  const said = ['x-cache', 'x-cache-status', 'cf-cache-status', 'cache-status'].map(
    (name) => fields[name] ?? '',
  )
  return said.some((text) => /\bhit\b/i.test(text)) || Number(fields['age'] ?? '0') > 0
}
