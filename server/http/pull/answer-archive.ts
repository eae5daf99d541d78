import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Release } from '../../releases/release.ts'
import { archiveHeaders } from './archive-headers.ts'
import { evaluatePreconditions } from './preconditions.ts'
import { evaluateRange, type RangeResult } from './range.ts'
import { sendArchive } from './send-archive.ts'
import { sendProblem } from '../reply/send-problem.ts'
import type { ArchiveOutcome, Traffic } from '../operate/traffic.ts'

/** What an answer says besides the archive. */
export interface ArchiveAnswer {
  release: Release
  entityTag: string
  cacheControl: string
}

/**
 * Answers 304 where the asker has the archive already (RFC 9110 §13.1.2); the answer to nearly every poll.
 *
 * @returns Whether it did.
 */
export function answerUnchanged(
  request: IncomingMessage,
  response: ServerResponse,
  { release, entityTag, cacheControl }: ArchiveAnswer,
): boolean {
  if (evaluatePreconditions(request.headers, release.digest) !== 'not-modified') return false
  response.writeHead(304, ['ETag', entityTag, 'Cache-Control', cacheControl])
  response.end()
  return true
}

/**
 * Answers a GET or HEAD with an archive, a part of it, or word that the asker has it already: preconditions, then
 * range, then bytes (RFC 9110 §13.2.2).
 */
export async function answerArchive(
  request: IncomingMessage,
  response: ServerResponse,
  { blobs, traffic }: { blobs: BlobStore; traffic: Traffic },
  answer: ArchiveAnswer,
): Promise<ArchiveOutcome> {
  if (answerUnchanged(request, response, answer)) return 'unchanged'
  const { release, entityTag, cacheControl } = answer
  if (evaluatePreconditions(request.headers, release.digest) === 'failed') {
    sendProblem(request, response, 'precondition-failed', 'If-Match does not name the archive that is here.')
    return 'refused'
  }
  // Range is for GET alone (§14.2); HEAD answers as GET without one would.
  const range: RangeResult =
    request.method === 'HEAD'
      ? { kind: 'whole' }
      : evaluateRange(request.headers, release.digest, release.size)
  if (range.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${release.size}`)
    sendProblem(request, response, 'range-not-satisfiable', `The archive has ${release.size} bytes.`)
    return 'refused'
  }
  traffic.transfers++
  try {
    return await sendArchive(request, response, blobs, release, range, [
      ...['ETag', entityTag, 'Cache-Control', cacheControl],
      ...archiveHeaders(release),
    ])
  } finally {
    traffic.transfers--
  }
}
