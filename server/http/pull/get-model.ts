import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Logger } from 'pino'
import { NAME_RULE } from '../../../protocol/names.ts'
import type { ProblemCode } from '../../../protocol/problem-table.ts'
import { ANONYMOUS } from '../../access/principal.ts'
import type { RefusedBots } from '../../fleet/refused-bots.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import type { ServedRelease } from '../../releases/release.ts'
import { LATEST } from '../../releases/tag.ts'
import type { AnswerPolls, OfferReport, PollAnswer } from '../../rollouts/poll-answer.ts'
import type { Clock } from '../../time/clock.ts'
import { endIfGone } from '../access/client-address.ts'
import type { Gate } from '../access/gate.ts'
import { Refused } from '../access/refused.ts'
import type { ArchiveOutcome, Traffic } from '../operate/traffic.ts'
import type { FaultLog } from '../reply/fault-log.ts'
import { logRequest } from '../reply/log-request.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { refusalOf, sendProblem } from '../reply/send-problem.ts'
import { answerPull, type AnswerDependencies } from './answer-pull.ts'
import { decidePull, type PullDecision } from './decide-pull.ts'
import { PullLog } from './log-pull.ts'
import { Poll } from './poll.ts'
import { parsePullTarget } from './pull-target.ts'
import type { Pull, PullOutcome } from './pull.ts'
import { ResetWatch } from './reset-watch.ts'

/** A tag moves: whoever keeps an answer asks again each time, and no proxy keeps or changes it (RFC 9111 §5.2.2). */
export const CACHE_CONTROL = 'private, no-cache, no-transform'

export interface GetModelDependencies extends AnswerDependencies {
  clock: Clock
  current: CurrentReleases
  /** What each poll is answered with. */
  polls: AnswerPolls
  gate: Gate
  refusedBots: RefusedBots
  logger: Logger
  faults: FaultLog
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
  const { clock, current, faults, gate, logger, polls, refusedBots, track, traffic } = dependencies
  const log = new PullLog(logger)
  const resets = new ResetWatch()
  return (request, response) => {
    const begun = performance.now()
    const target = parsePullTarget(request.url ?? '')
    if (target === undefined) {
      if (endIfGone(request)) return
      sendProblem(request, response, 'not-found', PULL_PATHS)
      logRequest(logger, request, response, begun)
      return
    }
    const { model, tag } = target
    const polled = tag ?? current.defaultTag(model) ?? LATEST
    const principal = gate(request, response, 'pull', { model, tag: polled })
    if (principal instanceof Refused) {
      if (endIfGone(request)) return
      count(traffic, request, 'denied')
      noteRefused({ model, tag: polled }, new Poll(request, track, ANONYMOUS), refusalOf(response))
      logRequest(logger, request, response, begun)
      return
    }
    resets.end(request.socket)
    const now = clock.now()
    const poll = new Poll(request, track, principal)
    const pull: Pull = { request, response, begun, model, tag, poll }
    const repeated = polls.answerRepeat(model, tag, poll, now)
    if (repeated === undefined && endIfGone(request)) return
    const answer = repeated ?? polls.select(model, tag, poll, now)
    if (answer instanceof Promise) replyLater(pull, answer)
    else reply(pull, answer)
  }

  function replyLater(pull: Pull, answer: Promise<PollAnswer | undefined>): void {
    answer
      .then((answer) => {
        reply(pull, answer)
      })
      .catch((error: unknown) => {
        sendFailure(pull.request, pull.response, error, faults, { model: pull.model })
      })
  }

  function reply(pull: Pull, answer: PollAnswer | undefined): void {
    const { request, response, begun, poll } = pull
    if (answer === undefined) {
      count(traffic, request, 'unknown')
      noteMissingTag(pull)
      sendProblem(request, response, 'no-release-tagged', nothingTagged(current, pull.model, pull.tag))
      logRequest(logger, request, response, begun)
      return
    }
    const decision = decidePull(answer, poll)
    const offer = answer.kind === 'serve' ? answer.offer : undefined
    const outcome =
      offer?.committed === undefined
        ? answerPull(request, response, dependencies, decision, poll, CACHE_CONTROL)
        : replyOnceCommitted(pull, decision, offer.committed)
    if (typeof outcome === 'string') {
      offer?.withdraw()
      end(pull, decision, outcome)
    } else endLater(pull, decision, offer === undefined ? outcome : reportOffer(pull, offer, outcome, resets))
  }

  async function replyOnceCommitted(
    { request, response, poll }: Pull,
    decision: PullDecision,
    committed: Promise<void>,
  ): Promise<ArchiveOutcome> {
    await committed
    return await answerPull(request, response, dependencies, decision, poll, CACHE_CONTROL)
  }

  function end(pull: Pull, decision: PullDecision, outcome: PullOutcome): void {
    count(traffic, pull.request, outcome)
    log.write(pull, releaseOf(decision), outcome)
  }

  function endLater(pull: Pull, decision: PullDecision, outcome: Promise<ArchiveOutcome>): void {
    outcome.then(
      (outcome) => {
        end(pull, decision, outcome)
      },
      (error: unknown) => {
        const { request, response, model } = pull
        const release = releaseOf(decision)
        const facts = { model, release: release?.number, digest: release?.digest }
        sendFailure(request, response, error, faults, facts)
        end(pull, decision, 'failed')
      },
    )
  }

  /** Of whoever names no process nobody knows whether it is a bot: a browser asks for a mistyped tag, too. */
  function noteMissingTag({ model, tag, poll }: Pull): void {
    if (poll.process === undefined) return
    noteRefused({ model, tag: tag ?? current.defaultTag(model) ?? LATEST }, poll, 'no-release-tagged')
  }

  function noteRefused(
    target: { model: string; tag: string },
    { process, source, isPoll }: Poll,
    code: ProblemCode | undefined,
  ): void {
    if (isPoll && code !== undefined) refusedBots.note({ ...target, process, source, code }, clock.now())
  }
}

/** Tells the fleet what becomes of an offer. */
async function reportOffer(
  { request: { socket }, response }: Pull,
  offer: OfferReport,
  answer: Promise<ArchiveOutcome>,
  resets: ResetWatch,
): Promise<ArchiveOutcome> {
  try {
    const outcome = await answer
    if (outcome === 'sent') {
      offer.sent()
      resets.begin(socket, offer.cut)
      if (socket.errored !== null) offer.cut()
    } else if (outcome === 'aborted') offer.cut()
    else offer.withdraw()
    return outcome
  } catch (error) {
    if (response.headersSent) offer.cut()
    else offer.withdraw()
    throw error
  }
}

/** The release that is sent, or compared with. */
function releaseOf(decision: PullDecision): ServedRelease | undefined {
  return 'release' in decision ? decision.release : undefined
}

const PULL_PATHS = `Pull /models/{model} or /models/{model}@{tag}; ${NAME_RULE}.`

/** HEAD asks what a poll would be answered; it is none. */
function count(traffic: Traffic, { method }: IncomingMessage, outcome: PullOutcome): void {
  if (method === 'GET') traffic.pulls[outcome]++
}

function nothingTagged(current: CurrentReleases, model: string, tag: string | undefined): string {
  const defaultTag = current.defaultTag(model)
  if (defaultTag === undefined) return `Nothing was published as "${model}" yet.`
  return `The model "${model}" has no release tagged "${tag ?? defaultTag}".`
}
