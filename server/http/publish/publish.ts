import type { Express, Request, Response } from 'express'
import type { Logger } from 'pino'
import { safeFileName } from '../../../protocol/file-name.ts'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import {
  publishReceived,
  type PublishDependencies,
  type PublishOutcome,
  type PublishTerms,
} from '../../releases/publish-model.ts'
import { receiveArchive, type ReceivedArchive } from '../../releases/receive-archive.ts'
import type { Gate } from '../access/gate.ts'
import { logRequest, type RequestFacts } from '../reply/log-request.ts'
import { refuseMethod } from '../api/mount-endpoints.ts'
import { matchesStrongly } from '../pull/preconditions.ts'
import { presentRelease } from '../api/present.ts'
import { readPublishTerms } from './publish-terms.ts'
import { readUpload } from './read-upload.ts'
import { receiveForm } from './receive-form.ts'
import { RequestError } from '../reply/request-error.ts'
import { requireExpectedLatest, requireRoom } from './require-before-upload.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { refusalOf, sendProblem } from '../reply/send-problem.ts'
import { sendReply } from '../reply/send-reply.ts'
import type { Traffic } from '../operate/traffic.ts'
import type { Readiness } from '../operate/health.ts'
import { announcedDigest, announcesDigest, refuseContentEncoding } from './upload-headers.ts'

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
    const terms = readPublishTerms(request)
    const outcome = await publish(dependencies, request, response, {
      ...terms,
      model,
      publishedBy: principal.name,
    })
    traffic.publishes[outcome.kind === 'published' ? 'published' : 'replayed']++
    const { kind, digest, release } = reply(request, response, outcome)
    const event = kind === 'replayed' ? 'publish_replayed' : undefined
    const tags = terms.tags.length === 0 ? undefined : terms.tags.join(' ')
    return { outcome: kind, event, model, release: release.number, digest, tags }
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
  terms: PublishTerms,
): Promise<PublishOutcome> {
  const { model } = terms
  if (!isName(model))
    throw new RequestError('invalid-name', `"${model}" is not a model's name: ${NAME_RULE}.`)
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
