import type { Express, Request, Response } from 'express'
import type { Logger } from 'pino'
import { safeFileName } from '../../../protocol/file-name.ts'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import { DomainError } from '../../domain/errors.ts'
import { LATEST } from '../../domain/tag.ts'
import { refuseReservedTag } from '../../operations/find-or-refuse.ts'
import {
  publishReceived,
  type PublishDependencies,
  type PublishOutcome,
} from '../../operations/publish-model.ts'
import { archiveTooLarge, receiveArchive, type ReceivedArchive } from '../../operations/receive-archive.ts'
import type { Gate } from '../gate.ts'
import { logRequest, type RequestFacts } from '../log-request.ts'
import { refuseMethod } from '../mount-endpoints.ts'
import { matchesStrongly } from '../preconditions.ts'
import { presentRelease } from '../present.ts'
import { readUpload } from '../read-upload.ts'
import { receiveForm } from '../receive-form.ts'
import { RequestError } from '../request-error.ts'
import { sendFailure } from '../send-failure.ts'
import { refusalOf, sendProblem } from '../send-problem.ts'
import { sendReply } from '../send-reply.ts'
import type { Traffic } from '../traffic.ts'
import type { Readiness } from './health.ts'
import {
  announcedDigest,
  announcedLength,
  announcesDigest,
  refuseContentEncoding,
} from '../upload-headers.ts'

export interface PublishRouteDependencies extends PublishDependencies {
  gate: Gate
  logger: Logger
  traffic: Traffic
  /** Bytes of the volume that uploads leave alone. */
  reservedBytes: number
  readiness: Readiness
}

/** `POST /models/{model}`: the archive as body, or in a form. */
export function mountPublish(app: Express, dependencies: PublishRouteDependencies): void {
  app.all('/models/:target', async (request, response) => {
    const begun = performance.now()
    const facts = await answer(dependencies, request, response)
    logRequest(dependencies.logger, request, response, begun, facts)
  })
}

async function answer(
  dependencies: PublishRouteDependencies,
  request: Request<{ target: string }>,
  response: Response,
): Promise<RequestFacts> {
  const { gate, logger, traffic } = dependencies
  const model = request.params.target
  const isTagged = model.includes('@')
  if (request.method !== 'POST') {
    refuseMethod(request, response, isTagged ? 'GET, HEAD' : 'GET, HEAD, POST')
    return {}
  }
  if (isTagged) {
    sendProblem(request, response, 'not-found', 'Publish to /models/{model}; ?tag= promotes at once.')
    return {}
  }
  const principal = gate(request, response, 'manage')
  if (principal === undefined) return {}
  traffic.uploads++
  try {
    const outcome = await publish(dependencies, request, response, model, principal.name)
    traffic.publishes[outcome.kind === 'published' ? 'published' : 'replayed']++
    const { kind, digest, release } = reply(request, response, outcome)
    const event = kind === 'replayed' ? 'publish_replayed' : undefined
    return { outcome: kind, event, model, release: release.number, digest }
  } catch (error) {
    sendFailure(request, response, error, logger, { model })
    const outcome = response.statusCode >= 500 ? 'failed' : 'refused'
    traffic.publishes[outcome]++
    return {
      outcome,
      ...(refusalOf(response) === 'precondition-failed' ? { event: 'publish_race' } : {}),
      model,
    }
  } finally {
    traffic.uploads--
  }
}

async function publish(
  dependencies: PublishRouteDependencies,
  request: Request,
  response: Response,
  model: string,
  publishedBy: string,
): Promise<PublishOutcome> {
  if (!isName(model))
    throw new RequestError('invalid-name', `"${model}" is not a model's name: ${NAME_RULE}.`)
  const terms = readTerms(request)
  const isForm = /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
  refuseContentEncoding(request)
  requireReady(dependencies)
  if (isForm && announcesDigest(request)) {
    throw new RequestError(
      'digest-on-multipart',
      'A digest field would cover the form; send the archive as body.',
    )
  }
  const digest = announcedDigest(request)
  await requireRoom(dependencies, request, isForm)
  await requireExpectedLatest(dependencies, request, model, digest)
  let received: ReceivedArchive
  let { filename } = terms
  if (isForm) {
    const form = await receiveForm(dependencies, request, response)
    received = form.received
    filename ??= safeFileName(form.filename)
  } else {
    received = await receiveArchive(dependencies, readUpload(request, response), digest)
  }
  const ifMatch = request.headers['if-match']
  return publishReceived(dependencies, received, {
    ...terms,
    model,
    publishedBy,
    filename,
    expectsLatest: ifMatch === undefined ? undefined : (latest) => matchesStrongly(ifMatch, latest),
  })
}

/**
 * Refuses what would be taken in vain. Storage that failed is tried again: a write that succeeds is what ends its
 * failure.
 *
 * @throws RequestError `shutting-down`, `catalog-unavailable`
 */
function requireReady({ readiness }: PublishRouteDependencies): void {
  const state = readiness()
  if (!state.ready && state.code !== 'storage-unavailable') throw new RequestError(state.code, state.reason)
}

/** @throws RequestError `invalid-parameter`, `invalid-name`; DomainError `tag-reserved` */
function readTerms({ url }: Request): { tags: string[]; notes: string; filename: string | undefined } {
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
  const tags = query.getAll('tag')
  for (const tag of tags) {
    if (!isName(tag))
      throw new RequestError('invalid-name', `tag: "${tag}" is not a tag's name: ${NAME_RULE}.`)
    refuseReservedTag(tag)
  }
  const notes = query.get('notes') ?? ''
  if (notes.length > 10_000) throw new RequestError('invalid-parameter', 'notes: at most 10,000 characters.')
  const filename = query.get('filename') ?? undefined
  return { tags, notes, filename: filename === undefined ? undefined : safeFileName(filename) }
}

/** What the form around an archive may have; receiveForm allows 20 fields of 64 KiB. */
const FORM_BYTES = 2 * 1024 ** 2

/** Refuses what cannot fit before a byte of it travels. */
async function requireRoom(
  { blobs, maxArchiveBytes, reservedBytes }: PublishRouteDependencies,
  request: Request,
  isForm: boolean,
): Promise<void> {
  const length = announcedLength(request) ?? 0
  if (length > maxArchiveBytes + (isForm ? FORM_BYTES : 0)) throw archiveTooLarge(maxArchiveBytes)
  const free = await blobs.freeBytes()
  if (free === undefined || length + reservedBytes <= free) return
  throw new DomainError(
    'disk-full',
    `There is no room for ${length} bytes: ${free} are free, of which ${reservedBytes} are kept. Prune, or add disk.`,
    { freeBytes: free, reservedBytes },
  )
}

/**
 * Asks `If-Match` before the body travels; it is asked again in the transaction. A sender that announces the bytes
 * that are the latest already repeats what was done, and is let through to hear so (RFC 9110 §13.1.1).
 */
async function requireExpectedLatest(
  { catalog }: PublishRouteDependencies,
  request: Request,
  model: string,
  digest: string | undefined,
): Promise<void> {
  const ifMatch = request.headers['if-match']
  if (ifMatch === undefined) return
  const latest = (await catalog.findTag(model, LATEST))?.digest
  if (matchesStrongly(ifMatch, latest) || (digest !== undefined && digest === latest)) return
  throw new RequestError('precondition-failed', `If-Match does not name what ${model}@latest is now.`, {
    latest: latest ?? null,
  })
}

/** @returns the outcome, which is a release. */
function reply(
  request: Request,
  response: Response,
  outcome: PublishOutcome,
): Exclude<PublishOutcome, { kind: 'skipped' }> {
  // Nothing that is published here says to leave known bytes alone.
  if (outcome.kind === 'skipped') throw new TypeError('a publish over HTTP is never skipped')
  const { kind, release } = outcome
  sendReply(request, response, {
    status: kind === 'published' ? 201 : 200,
    body: presentRelease(release),
    headers: { Location: `/api/v1/models/${release.model}/releases/${release.number}` },
  })
  return outcome
}
