import { parseArchiveTag, withoutProxySuffix } from './entity-tag.ts'
import { isProcessName } from './process-name.ts'

/**
 * What a poll says about its sender, read from `If-None-Match` alone.
 *
 * - `fresh`: a process that has loaded nothing since it drew its name.
 * - `running`: a process that runs the archive with this digest.
 * - `unknown`: anybody else (curl, a browser, another cache): answered, and not tracked.
 *
 * A claim is only that: anybody can send it, so one process's claims steer that process alone.
 */
export type Claim =
  | { kind: 'fresh'; process: string }
  | { kind: 'running'; process: string; digest: string }
  | { kind: 'unknown' }

const UNKNOWN: Claim = { kind: 'unknown' }

// One tag, quoted or not, weak or not; a list is not what Rasa sends.
const ONE_TAG = /^(?:W\/)?(?:"([^",]*)"|([^",\s]+))$/

/**
 * Reads the claim in an `If-None-Match` value.
 *
 * Rasa sends its own name bare until its first successful load, then the last `ETag` verbatim. Proxies mark
 * tags weak, drop quotes or append to them; the name they carry is still the process's.
 */
export function parseClaim(ifNoneMatch: string | undefined): Claim {
  if (ifNoneMatch === undefined) return UNKNOWN
  const value = ifNoneMatch.trim()
  if (isProcessName(value)) return { kind: 'fresh', process: value }
  // Some proxies append behind the closing quote, some before it.
  const [, quoted, bare] = ONE_TAG.exec(withoutProxySuffix(value)) ?? []
  const opaque = quoted ?? bare
  const tag = opaque === undefined ? undefined : parseArchiveTag(withoutProxySuffix(opaque))
  if (tag?.process === undefined) return UNKNOWN
  return { kind: 'running', process: tag.process, digest: tag.digest }
}
