import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlobStore } from '../domain/blob-store.ts'
import type { Release } from '../domain/release.ts'
import { archiveHeaders } from './archive-headers.ts'
import { evaluatePreconditions } from './preconditions.ts'
import { evaluateRange, type RangeResult } from './range.ts'
import { sendArchive, type SendOutcome } from './send-archive.ts'
import { sendProblem } from './send-problem.ts'
import type { Traffic } from './traffic.ts'

/** How an archive was answered. */
export type ArchiveOutcome = SendOutcome | 'unchanged' | 'refused'

/** What an answer says besides the archive. */
export interface ArchiveAnswer {
  release: Release
  entityTag: string
  cacheControl: string
}

/**
 * Answers a GET or HEAD with an archive, a part of it, or word that the asker has it already: preconditions, then
 * range, then bytes (RFC 9110 §13.2.2).
 */
export async function answerArchive(
  request: IncomingMessage,
  response: ServerResponse,
  { blobs, traffic }: { blobs: BlobStore; traffic: Traffic },
  { release, entityTag, cacheControl }: ArchiveAnswer,
): Promise<ArchiveOutcome> {
  const validators = ['ETag', entityTag, 'Cache-Control', cacheControl]
  const precondition = evaluatePreconditions(request.headers, release.digest)
  if (precondition === 'not-modified') {
    response.writeHead(304, validators)
    response.end()
    return 'unchanged'
  }
  if (precondition === 'failed') {
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
      ...validators,
      ...archiveHeaders(release),
    ])
  } finally {
    traffic.transfers--
  }
}
