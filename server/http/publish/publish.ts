import type { Express, Request, Response } from 'express'
import type { Logger } from 'pino'
import type { Quarantine } from '../../catalog/rollouts.ts'
import {
  publishReceived,
  type PublishDependencies,
  type PublishOutcome,
} from '../../releases/publish-model.ts'
import type { Release } from '../../releases/release.ts'
import type { Principal } from '../../access/principal.ts'
import { addressGroup } from '../../fleet/address-group.ts'
import type { ChangeAudit } from '../access/change-audit.ts'
import { clientAddress } from '../access/client-address.ts'
import type { Gate } from '../access/gate.ts'
import { Refused } from '../access/refused.ts'
import type { FaultLog } from '../reply/fault-log.ts'
import { logRequest, type RequestFacts } from '../reply/log-request.ts'
import { refuseMethod } from '../api/mount-endpoints.ts'
import { presentRelease } from '../api/present.ts'
import { RequestError } from '../reply/request-error.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { sendProblem } from '../reply/send-problem.ts'
import { sendReply } from '../reply/send-reply.ts'
import type { Traffic } from '../operate/traffic.ts'
import type { TransferSlots } from '../transfer-slots.ts'
import { admitUpload, type AdmissionDependencies } from './admit-upload.ts'
import { readPublishRequest, type PublishRequest } from './publish-request.ts'
import { receiveUpload } from './receive-upload.ts'

export interface PublishRouteDependencies extends PublishDependencies, AdmissionDependencies {
  gate: Gate
  logger: Logger
  faults: FaultLog
  changes: ChangeAudit
  traffic: Traffic
  /** For archives on their way in; whoever gets none is told to try again. */
  uploadSlots: TransferSlots
}

/** `POST /models/{model}`: the archive as body, or in a form. */
export function mountPublish(app: Express, dependencies: PublishRouteDependencies): void {
  app.route('/models/:target').all(async (request, response) => {
    const begun = performance.now()
    const { facts, sender } = await answer(dependencies, request, response)
    if (request.method === 'POST') dependencies.changes.noteAnswer(request, response, sender)
    logRequest(dependencies.logger, request, response, begun, facts)
  })
}

/** What is told of a publish when it was answered. */
interface Answered {
  facts: RequestFacts
  /** Whose token the request came with; undefined: no token that is known. */
  sender: Principal | undefined
}

async function answer(
  dependencies: PublishRouteDependencies,
  request: Request<{ target: string }>,
  response: Response,
): Promise<Answered> {
  const { gate, faults, traffic } = dependencies
  const model = request.params.target
  const isTagged = model.includes('@')
  if (request.method !== 'POST') {
    refuseMethod(request, response, isTagged ? 'GET, HEAD' : 'GET, HEAD, POST')
    return { facts: {}, sender: undefined }
  }
  if (isTagged) {
    sendProblem(request, response, 'not-found', 'Publish to /models/{model}; ?tag= promotes at once.')
    return { facts: {}, sender: undefined }
  }
  const principal = gate(request, response, 'publish', { model })
  if (principal instanceof Refused) return { facts: {}, sender: principal.sender }
  try {
    const upload = readPublishRequest(request, model)
    for (const tag of upload.tags) {
      const promoter = gate(request, response, 'promote', { model, tag })
      if (promoter instanceof Refused) return { facts: {}, sender: promoter.sender ?? principal }
    }
    const work = () => publish(dependencies, upload, principal, request, response)
    const outcome = await dependencies.changes.run(request, principal, work)
    traffic.publishes[outcome.kind]++
    const { digest, release } = outcome
    reply(request, response, outcome, await dependencies.catalog.findQuarantine(release.model, digest))
    return { facts: factsOf(upload, outcome, principal), sender: principal }
  } catch (error) {
    const code = sendFailure(request, response, error, faults, { model })
    const outcome = response.statusCode >= 500 ? 'failed' : 'refused'
    traffic.publishes[outcome]++
    const event = code === 'precondition-failed' ? { event: 'publish_race' } : {}
    return { facts: { outcome, by: principal.name, model, ...event }, sender: principal }
  }
}

/** A publish here never says to leave known bytes alone: there is a release in the end. */
type Published = Exclude<PublishOutcome, { kind: 'skipped' }>

async function publish(
  dependencies: PublishRouteDependencies,
  upload: PublishRequest,
  principal: Principal,
  request: Request,
  response: Response,
): Promise<Published> {
  const { traffic, uploadSlots } = dependencies
  const giveBack = uploadSlots.tryTake({
    address: addressGroup(clientAddress(request)),
    token: principal.token,
  })
  if (giveBack === undefined) throw new RequestError('overloaded', TOO_MANY_UPLOADS)
  traffic.uploads++
  try {
    const admitted = await admitUpload(dependencies, upload)
    try {
      const { received, filename, bundle } = await receiveUpload(
        ...([dependencies, upload, admitted, request, response] as const),
      )
      const outcome = await publishReceived(dependencies, received, {
        ...upload,
        filename: upload.filename ?? filename,
        publishedBy: principal.name,
        bundle,
      })
      if (outcome.kind === 'skipped') throw new TypeError('a publish over HTTP is never skipped')
      return outcome
    } finally {
      admitted.reservation.release()
    }
  } finally {
    traffic.uploads--
    giveBack()
  }
}

const TOO_MANY_UPLOADS =
  'As many uploads are under way as the server takes at once, or as one address or token may have of them (SLIPWAY_MAX_UPLOADS); ' +
  'try again soon.'

function reply(
  request: Request,
  response: Response,
  { kind, release, warnings }: Published,
  quarantine: Quarantine | undefined,
): void {
  sendReply(request, response, {
    status: kind === 'published' ? 201 : 200,
    body: { ...presentRelease(release, { quarantine }), ...(warnings.length === 0 ? {} : { warnings }) },
    headers: { Location: addressOf(release) },
  })
}

function addressOf({ model, number }: Release): string {
  return `/api/v1/models/${model}/releases/${number}`
}

function factsOf(
  { model, tags }: PublishRequest,
  { kind, digest, release, warnings }: Published,
  { name: by }: Principal,
): RequestFacts {
  return {
    outcome: kind,
    by,
    event: kind === 'replayed' ? 'publish_replayed' : undefined,
    model,
    release: release.number,
    digest,
    tags: tags.length === 0 ? undefined : tags.join(' '),
    warning: warnings.length === 0 ? undefined : warnings.map(({ message }) => message).join('; '),
  }
}
