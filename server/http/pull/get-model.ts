import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Claim } from '../../../protocol/claim.ts'
import { formatArchiveTag } from '../../../protocol/entity-tag.ts'
import { NAME_RULE } from '../../../protocol/names.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Clock } from '../../time/clock.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import type { Release } from '../../releases/release.ts'
import type { Sightings } from '../../fleet/sightings.ts'
import { answerArchive, answerUnchanged, type ArchiveAnswer } from './answer-archive.ts'
import type { Gate } from '../access/gate.ts'
import { readHeldArchives } from './held-archives.ts'
import { logRequest } from '../reply/log-request.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { parsePullTarget } from './pull-target.ts'
import { sendProblem } from '../reply/send-problem.ts'
import type { Traffic } from '../operate/traffic.ts'

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
 * The path of a poll: `GET|HEAD /models/{model}[@{tag}]`. Map look-ups, a comparison, a counter; SQL, disk and log
 * lines come in only where an archive is sent.
 */
export function createGetModel(
  dependencies: GetModelDependencies,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { clock, current, gate, logger, sightings, track, traffic } = dependencies
  return (request, response) => {
    const begun = performance.now()
    const target = parsePullTarget(request.url ?? '')
    if (target === undefined) {
      sendProblem(request, response, 'not-found', PULL_PATHS)
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
    const claim = track ? claimOf(request) : UNTRACKED
    if (claim.kind === 'running' && request.method === 'GET') {
      sightings.note(target.model, claim.process, claim.digest, clock.now())
    }
    const answer = { release, entityTag: entityTagFor(release, claim), cacheControl: CACHE_CONTROL }
    if (answerUnchanged(request, response, answer)) {
      count(traffic, request, 'unchanged')
      if (logger.isLevelEnabled('debug'))
        logPull(logger, request, response, begun, 'unchanged', release, claim)
      return
    }
    void sendModel(dependencies, request, response, begun, answer, claim)
  }
}

async function sendModel(
  { blobs, logger, traffic }: GetModelDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  begun: number,
  answer: ArchiveAnswer,
  claim: Claim,
): Promise<void> {
  const { release } = answer
  try {
    const outcome = await answerArchive(request, response, { blobs, traffic }, answer)
    count(traffic, request, outcome)
    logPull(logger, request, response, begun, outcome, release, claim)
  } catch (error) {
    const { model, number, digest } = release
    count(traffic, request, 'failed')
    sendFailure(request, response, error, logger, { model, release: number, digest })
    logPull(logger, request, response, begun, 'failed', release, claim)
  }
}

const PULL_PATHS = `Pull /models/{model} or /models/{model}@{tag}; ${NAME_RULE}.`

const UNTRACKED: Claim = { kind: 'unknown' }

/** What a poll says of its sender. */
function claimOf({ headers }: IncomingMessage): Claim {
  const ifNoneMatch = headers['if-none-match']
  return ifNoneMatch === undefined ? UNTRACKED : readHeldArchives(ifNoneMatch).claim
}

/** A process gets a tag with its name in it; anybody else the plain one. */
function entityTagFor({ digest }: Release, claim: Claim): string {
  return formatArchiveTag(claim.kind === 'unknown' ? { digest } : { digest, process: claim.process })
}

function logPull(
  logger: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  begun: number,
  outcome: string,
  { model, number, digest }: Release,
  claim: Claim,
): void {
  const event = outcome === 'aborted' ? { event: 'client_abort' } : {}
  const facts = { outcome, ...event, model, release: number, digest, claim: claim.kind }
  logRequest(logger, request, response, begun, facts)
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
