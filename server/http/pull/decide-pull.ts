import type { ServedRelease } from '../../releases/release.ts'
import type { PollAnswer } from '../../rollouts/poll-answer.ts'
import { hasArchive, type IfNoneMatch } from './if-none-match.ts'
import { matchesStrongly } from './preconditions.ts'
import { evaluateRange } from './range.ts'

/** What of a request decides its answer. */
export interface PullConditions {
  method?: string | undefined
  headers: {
    'if-match'?: string | undefined
    range?: string | undefined
    'if-range'?: string | undefined
  }
  /** As read from its header field; undefined where there was none. */
  ifNoneMatch: IfNoneMatch | undefined
}

/** The bytes to send: the whole archive, or a part of it. */
export type Content = { status: 200 } | { status: 206; start: number; length: number }

/** The answer to a request for an archive, by its status. */
export type PullDecision =
  | (Content & { release: ServedRelease })
  | { status: 304; release: ServedRelease }
  | { status: 204 }
  | { status: 412 }
  | { status: 416; size: number }
  | { status: 503; reason: string }

/**
 * Decides how a request for an archive is answered: what the poll is answered with first, then preconditions, then the range, in
 * the order of RFC 9110 §13.2.2.
 *
 * Archives have no Last-Modified, so the date rules never apply (§13.1.3, §13.1.4: a recipient ignores them where the
 * resource has no modification date). A request's Cache-Control does not matter: Node's own fetch adds `no-cache`, and
 * would never see a 304.
 */
export function decidePull(answer: PollAnswer, request: PullConditions): PullDecision {
  switch (answer.kind) {
    case 'serve':
      return decideServed(answer.release, request)
    case 'keep':
      return { status: 304, release: answer.release }
    case 'wait':
      return { status: 204 }
    case 'unavailable':
      return { status: 503, reason: answer.reason }
  }
}

function decideServed(release: ServedRelease, request: PullConditions): PullDecision {
  const { method, headers, ifNoneMatch } = request
  const { digest, size } = release
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && !matchesStrongly(ifMatch, digest)) return { status: 412 }
  if (ifNoneMatch !== undefined && hasArchive(ifNoneMatch, digest)) return { status: 304, release }
  // Range is for GET alone (§14.2); HEAD answers as GET without one would.
  if (method === 'HEAD' || headers.range === undefined) return { status: 200, release }
  const range = evaluateRange(headers, digest, size)
  if (range.kind === 'unsatisfiable') return { status: 416, size }
  if (range.kind === 'whole') return { status: 200, release }
  return { status: 206, start: range.start, length: range.length, release }
}
