import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ArchiveOutcome, Traffic } from '../operate/traffic.ts'
import { addressGroup } from '../../fleet/address-group.ts'
import { clientAddress } from '../access/client-address.ts'
import { sendProblem } from '../reply/send-problem.ts'
import { archiveHeaders } from './archive-headers.ts'
import type { PullDecision } from './decide-pull.ts'
import { endWithAnswer } from '../end-with-answer.ts'
import { sendAtOnce } from '../send-at-once.ts'
import type { TransferSlots } from '../transfer-slots.ts'
import type { Poll } from './poll.ts'
import { sendArchive, type ArchiveSource } from './send-archive.ts'

export interface AnswerDependencies extends ArchiveSource {
  traffic: Traffic
  /** For archives on their way out; whoever gets none is sent away for a moment. */
  downloadSlots: TransferSlots
}

const TOO_MANY_DOWNLOADS =
  'As many archives are on their way out as the server sends at once, or as one address or token may have of them ' +
  '(SLIPWAY_MAX_DOWNLOADS); try again.'

/**
 * Answers a GET or HEAD of an archive as was decided.
 *
 * @param poll Who asks: the entity tag carries the name of a process, and a token has a share of the downloads.
 * @returns How it ended: at once, but where an archive is sent.
 */
export function answerPull(
  request: IncomingMessage,
  response: ServerResponse,
  { blobs, looks, traffic, downloadSlots }: AnswerDependencies,
  decision: PullDecision,
  poll: Pick<Poll, 'entityTagOf' | 'token'>,
  cacheControl: string,
): ArchiveOutcome | Promise<ArchiveOutcome> {
  switch (decision.status) {
    case 304:
      response.writeHead(304, [
        'ETag',
        poll.entityTagOf(decision.release.digest),
        'Cache-Control',
        cacheControl,
      ])
      endWithAnswer(request, response)
      response.end()
      return 'unchanged'
    case 204:
      response.writeHead(204, ['Cache-Control', 'no-store'])
      response.end()
      return 'waiting'
    case 412:
      sendProblem(
        request,
        response,
        'precondition-failed',
        'If-Match does not name the archive that is here.',
      )
      return 'refused'
    case 416:
      response.setHeader('Content-Range', `bytes */${decision.size}`)
      sendProblem(request, response, 'range-not-satisfiable', `The archive has ${decision.size} bytes.`)
      return 'refused'
    case 503:
      sendProblem(request, response, 'catalog-unavailable', decision.reason)
      return 'waiting'
    case 200:
    case 206: {
      const { release } = decision
      // HEAD sends nothing.
      const giveBack =
        request.method === 'HEAD'
          ? () => undefined
          : downloadSlots.tryTake({ address: addressGroup(clientAddress(request)), token: poll.token })
      if (giveBack === undefined) {
        sendProblem(request, response, 'overloaded', TOO_MANY_DOWNLOADS)
        return 'overloaded'
      }
      const headers = ['ETag', poll.entityTagOf(release.digest), 'Cache-Control', cacheControl]
      headers.push(...archiveHeaders(release))
      sendAtOnce(request)
      traffic.transfers++
      return sendArchive(request, response, { blobs, looks }, release, decision, headers).finally(() => {
        traffic.transfers--
        giveBack()
      })
    }
  }
}
