import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { parseClaim } from '../../protocol/claim.ts'
import { formatArchiveTag } from '../../protocol/entity-tag.ts'
import { NAME_RULE } from '../../protocol/names.ts'
import type { BlobStore } from '../domain/blob-store.ts'
import type { Clock } from '../domain/clock.ts'
import type { CurrentReleases } from '../domain/current-releases.ts'
import type { Release } from '../domain/release.ts'
import type { Sightings } from '../domain/sightings.ts'
import { answerArchive } from './answer-archive.ts'
import type { Gate } from './gate.ts'
import { logRequest } from './log-request.ts'
import { sendFailure } from './send-failure.ts'
import { parsePullTarget } from './pull-target.ts'
import { sendProblem } from './send-problem.ts'
import type { Traffic } from './traffic.ts'

/** A tag moves: whoever keeps an answer asks again each time, and no proxy keeps or changes it (RFC 9111 §5.2.2). */
const CACHE_CONTROL = 'private, no-cache, no-transform'

export interface GetModelDependencies {
  clock: Clock
  /** Takes what polls say of the processes that send them. */
  sightings: Sightings
  current: CurrentReleases
  blobs: BlobStore
  gate: Gate
  traffic: Traffic
  logger: Logger
  /** Whether Rasa processes get entity tags that carry their name (docs/adr/0004-the-process-in-the-etag.md). */
  track: boolean
}

/**
 * The path of a poll: `GET|HEAD /models/{model}[@{tag}]`. A map look-up, a comparison, a counter; SQL, disk and log
 * lines come in only where an archive is sent.
 */
export function createGetModel(
  dependencies: GetModelDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { current, gate, traffic, logger } = dependencies
  return (request, response) => {
    const begun = performance.now()
    const target = parsePullTarget(request.url ?? '')
    if (target === undefined) {
      sendProblem(
        request,
        response,
        'not-found',
        `Pull /models/{model} or /models/{model}@{tag}; ${NAME_RULE}.`,
      )
      logRequest(logger, request, response, begun)
      return
    }
    if (gate(request, response, 'pull') === undefined) {
      count(traffic, request, 'denied')
      logRequest(logger, request, response, begun)
      return
    }
    const release = current.find(target.model, target.tag)
    if (release === undefined) {
      count(traffic, request, 'unknown')
      sendProblem(request, response, 'no-release-tagged', nothingTagged(current, target.model, target.tag))
      logRequest(logger, request, response, begun)
      return
    }
    void answerPoll(dependencies, request, response, release, begun)
  }
}

async function answerPoll(
  { blobs, clock, sightings, traffic, logger, track }: GetModelDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  release: Release,
  begun: number,
): Promise<void> {
  const claim = parseClaim(request.headers['if-none-match'])
  const { model, number, digest } = release
  const entityTag =
    track && claim.kind !== 'unknown' ? formatArchiveTag({ digest, process: claim.process }) : `"${digest}"`
  if (track && claim.kind === 'running' && request.method === 'GET') {
    sightings.note(model, claim.process, claim.digest, clock.now())
  }
  try {
    const outcome = await answerArchive(
      request,
      response,
      { blobs, traffic },
      {
        release,
        entityTag,
        cacheControl: CACHE_CONTROL,
      },
    )
    count(traffic, request, outcome)
    logRequest(logger, request, response, begun, {
      outcome,
      ...(outcome === 'aborted' ? { event: 'client_abort' } : {}),
      model,
      release: number,
      digest,
      claim: claim.kind,
    })
  } catch (error) {
    count(traffic, request, 'failed')
    sendFailure(request, response, error, logger, { model, release: number, digest })
    logRequest(logger, request, response, begun, { outcome: 'failed', model, release: number, digest })
  }
}

/** HEAD asks what a poll would be answered; it is none. */
function count(traffic: Traffic, { method }: IncomingMessage, outcome: keyof Traffic['pulls']): void {
  if (method === 'GET') traffic.pulls[outcome]++
}

function nothingTagged(current: CurrentReleases, model: string, tag: string | undefined): string {
  const defaultTag = current.defaultTag(model)
  if (defaultTag === undefined) return `Nothing was published as "${model}" yet.`
  return `The model "${model}" has no release tagged "${tag ?? defaultTag}".`
}
