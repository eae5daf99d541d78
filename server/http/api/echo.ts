import type { IncomingMessage } from 'node:http'
import {
  EDITION_FIELD,
  TEST_ARCHIVE_SIZES,
  echoQuerySchema,
  echoSchema,
  testArchiveQuerySchema,
  type Echo,
  type TransferState,
} from '../../../protocol/echo.ts'
import { instantOf, type Clock } from '../../time/clock.ts'
import { clientAddress, peerAddress } from '../access/client-address.ts'
import { RecentTransfers } from '../echo/recent-transfers.ts'
import { echoArchive } from '../echo/echo-archive.ts'
import { answerPull, type AnswerDependencies } from '../pull/answer-pull.ts'
import { decidePull } from '../pull/decide-pull.ts'
import { CACHE_CONTROL } from '../pull/get-model.ts'
import { Poll } from '../pull/poll.ts'
import { queryOf } from './known-parameters.ts'
import { ANSWERED, endpoint, type Endpoint } from './endpoint.ts'

export interface EchoDependencies extends Pick<AnswerDependencies, 'traffic' | 'downloadSlots'> {
  clock: Clock
  version: string
}

/** Header fields whose values are no secrets, and which proxies change or add. */
const SHOWN = [
  'host',
  'accept',
  'accept-encoding',
  'cache-control',
  'connection',
  'content-length',
  'if-none-match',
  'pragma',
  'range',
  'te',
  'transfer-encoding',
  'user-agent',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
]

/** `/api/v1/models/{model}/echo`: what `slipway doctor` finds out with what stands between a bot and the server. It changes nothing. */
export function echoEndpoints({ clock, version, traffic, downloadSlots }: EchoDependencies): Endpoint[] {
  const transfers = new RecentTransfers()
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}/echo',
      id: 'readEcho',
      permission: 'pull',
      // Whoever may pull any tag of the model: the model itself need not be there.
      target: 'handler',
      summary: 'Read how this request arrived',
      description:
        'For `slipway doctor`: comparing it with what was sent shows what a proxy changed. Values that may be secrets are not repeated.',
      query: echoQuerySchema,
      replies: { 200: { description: 'The request as it arrived.', schema: echoSchema } },
      problems: ['invalid-name', 'invalid-parameter'],
      handle: ({ query: { transfer }, request }) => {
        const state = transfer === undefined ? undefined : transfers.find(transfer)
        const body = { at: instantOf(clock), version, ...echoOf(request), transfer: state ?? null }
        return Promise.resolve({ status: 200, body, headers: { 'Cache-Control': 'no-store' } })
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}/echo/archive',
      id: 'pullTestArchive',
      permission: 'pull',
      // Whoever may pull any tag of the model: the model itself need not be there.
      target: 'handler',
      summary: 'Pull an archive that was made up for this request',
      description:
        'For `slipway doctor`: answered exactly as `/models/{model}` is, with entity tags of the same form; it belongs to no model, and whoever pulls it is no bot.',
      conditions: ['If-Match', 'If-None-Match', 'Range', 'If-Range', 'Slipway-Edition'],
      query: testArchiveQuerySchema,
      replies: {
        200: { description: 'The archive.', mediaType: 'application/gzip', headers: ['ETag'] },
        206: { description: 'The part asked for.', mediaType: 'application/gzip', headers: ['ETag'] },
        304: { description: 'The client has it already.', headers: ['ETag'] },
      },
      problems: [
        'invalid-name',
        'invalid-parameter',
        'precondition-failed',
        'range-not-satisfiable',
        'overloaded',
      ],
      handle: async ({ query: { size, transfer }, principal, request, response }) => {
        const archive = await echoArchive(TEST_ARCHIVE_SIZES[size], editionOf(request))
        const poll = new Poll(request, true, principal)
        const decision = decidePull({ kind: 'serve', release: archive.release }, poll)
        const note = (state: TransferState): void => {
          if (transfer !== undefined) transfers.note(transfer, state)
        }
        note('sending')
        const dependencies = { blobs: archive, traffic, downloadSlots }
        const outcome = await answerPull(request, response, dependencies, decision, poll, CACHE_CONTROL)
        note(outcome === 'sent' ? 'sent' : 'aborted')
        return ANSWERED
      },
    }),
  ]
}

/** The edition that is asked for in a header field: caches on the way, which go by the address, do not know of it. */
function editionOf({ headers }: IncomingMessage): 0 | 1 {
  return headers[EDITION_FIELD] === '1' ? 1 : 0
}

function echoOf(request: IncomingMessage): Omit<Echo, 'at' | 'version' | 'transfer'> {
  const { method = '', httpVersion, headers, url } = request
  const names = Object.keys(headers)
  const shown = names.filter((name) => SHOWN.includes(name))
  return {
    method,
    httpVersion,
    parameters: [...new Set(queryOf(url).keys())],
    fields: Object.fromEntries(shown.map((name) => [name, String(headers[name])])),
    otherFields: names.filter((name) => !SHOWN.includes(name)),
    peer: peerAddress(request),
    client: clientAddress(request),
  }
}
