import { parseClaim, type Claim } from '../../../protocol/claim.ts'
import type { Hint } from '../../fleet/hint.ts'
import { readHints } from '../../fleet/read-hints.ts'
import {
  formatArchiveTag,
  parseArchiveTag,
  parseEntityTags,
  parseProcessTag,
  withoutProxySuffix,
} from '../../../protocol/entity-tag.ts'
import { rememberRead } from '../reply/remember-read.ts'

/** What an `If-None-Match` value says: which archives its sender has, and who it claims to be. */
export interface IfNoneMatch {
  claim: Claim
  /** The entity tag that we gave its sender with what it claims to run; undefined where it claims to run nothing. */
  entityTag: string | undefined
  /** Digests of the archives that the sender has; `*`: whatever there is; undefined: read `list` for them. */
  digests: '*' | readonly string[] | undefined
  /** What the value betrays of the way. */
  hints: readonly Hint[]
  /** The value as it came. */
  list: string
}

/**
 * More processes than poll most servers; where there are more, those of some are remembered. What Rasa sends has 32 or 99
 * characters, and a proxy adds a few: longer values are lists and no claim of a process. With both limits what is remembered
 * stays below 12 MB.
 */
const LIMITS = { most: 20_000, longest: 128 }

const UNKNOWN: Claim = { kind: 'unknown' }
const NONE: readonly Hint[] = []

/**
 * Reads an `If-None-Match` value (RFC 9110 §13.1.2): weak comparison, lists, and what proxies do to tags.
 *
 * A process sends the same value at each poll until it loads another model, and reading it is what costs most of all
 * that a poll needs (2.7 of 4 µs, measured); so what was read is remembered.
 */
export const readIfNoneMatch: (value: string) => IfNoneMatch = rememberRead((value): IfNoneMatch => {
  if (value.length > LIMITS.longest)
    return { claim: UNKNOWN, entityTag: undefined, digests: undefined, hints: [], list: value }
  const own = parseProcessTag(value)
  return own === undefined ? readAny(value) : readOwn(value, own)
}, LIMITS)

/** What nearly all processes send; of a fleet larger than is remembered most are read anew: 4.5 µs a poll of 50,000 in turn became 1.2 (measured). */
function readOwn(value: string, tag: { digest: string; process: string }): IfNoneMatch {
  const [digest, process] = [ownText(tag.digest), ownText(tag.process)]
  const claim: Claim = { kind: 'running', process, digest }
  return { claim, entityTag: value, digests: [digest], hints: NONE, list: value }
}

function readAny(value: string): IfNoneMatch {
  const claim = ownClaim(parseClaim(value))
  const entityTag = claim.kind === 'running' ? ownText(formatArchiveTag(claim)) : undefined
  const found = readDigests(value)
  const digests = found === '*' ? found : found.map(ownText)
  return { claim, entityTag, digests, hints: readHints(value), list: value }
}

function ownClaim(claim: Claim): Claim {
  if (claim.kind === 'unknown') return claim
  const process = ownText(claim.process)
  return claim.kind === 'fresh' ? { ...claim, process } : { ...claim, process, digest: ownText(claim.digest) }
}

/**
 * The same text, with characters of its own. V8 keeps a part of a text as a pointer into the whole, and a concatenation as a pair:
 * of such texts each comparison leaves compiled code, and each poll compares them four times (2 of 18 µs, measured).
 */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Whether the sender of an `If-None-Match` has the archive with this digest. */
export function hasArchive({ digests, list }: IfNoneMatch, digest: string): boolean {
  // 15 kB of tags take 1 ms to read; looking for the one that counts takes a hundredth of that.
  if (digests === undefined && !list.includes(digest)) return false
  const found = digests ?? readDigests(list)
  return found === '*' || found.includes(digest)
}

function readDigests(value: string): '*' | readonly string[] {
  const text = withoutProxySuffix(value.trim())
  const tags = parseEntityTags(text) ?? unquotedTags(text)
  if (tags === '*') return '*'
  const archives = tags.map(({ opaque }) => parseArchiveTag(withoutProxySuffix(opaque)))
  return archives.flatMap((archive) => (archive === undefined ? [] : [archive.digest]))
}

const LOOSE = /^(?:W\/)?(?:"([^"]*)"|([^"]+))$/

/** Tags whose quotes were lost, or never there: Rasa's documentation shows the bare hash. */
function unquotedTags(value: string): { opaque: string }[] {
  return value.split(',').flatMap((part) => {
    const [, quoted, bare] = LOOSE.exec(part.trim()) ?? []
    const opaque = quoted ?? bare
    return opaque === undefined ? [] : [{ opaque }]
  })
}
