import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { ProblemCode } from '../../protocol/problem-table.ts'
import { addressGroup } from '../fleet/address-group.ts'
import { clientAddress, endIfGone, keepClientAddress } from './access/client-address.ts'
import { isProbe, type HostGuard } from './access/host-guard.ts'
import type { RequestRate } from './access/request-rate.ts'
import type { FindClient } from './access/trusted-proxies.ts'
import type { Connections } from './connections.ts'
import { inTurn } from './in-turn.ts'
import { isPullPath } from './pull/pull-target.ts'
import { adoptRasaXRequest } from './rasa-x/adopt-rasa-x-request.ts'
import { logRequest } from './reply/log-request.ts'
import { originForm } from './reply/request-target.ts'
import { sendProblem } from './reply/send-problem.ts'
import { sendAtOnce } from './send-at-once.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

export interface ListenerDependencies {
  logger: Logger
  /** Undefined: requests are taken under any name, as tokens guard them. */
  hostGuard: HostGuard | undefined
  /** Undefined: the peer is the client. */
  findClient: FindClient | undefined
  /** What a client address may ask for, pulls and probes aside. */
  addressRate: RequestRate
  connections: Connections
  /** Whether the addresses of Rasa X are answered (SLIPWAY_RASA_X). */
  rasaX: boolean
}

/**
 * Polls stand in front of the Express app, as a plain listener: they are nearly all of the traffic, and Express's
 * router costs a third of their rate. Both roads go through the same gate.
 */
export function createListener(
  getModel: Handle,
  app: Handle,
  { logger, hostGuard, findClient, addressRate, connections, rasaX }: ListenerDependencies,
): RequestListener {
  return inTurn((request, response) => {
    request.url = originForm(request.url ?? '')
    if (rasaX) adoptRasaXRequest(request)
    const { url } = request
    if (findClient !== undefined) keepClientAddress(request, findClient(request))
    if (hasTwoHosts(request)) {
      refuse(request, response, 'bad-request', 'The request has two Host lines (RFC 9112 §3.2).')
    } else if (connections.isBeyondLimit(request.socket) && !isProbe(url)) {
      response.setHeader('Connection', 'close')
      refuse(request, response, 'overloaded', TOO_MANY_CONNECTIONS)
    } else if (hostGuard?.(request) === false) {
      refuse(request, response, 'foreign-host-refused', FOREIGN_HOST)
    } else if ((request.method === 'GET' || request.method === 'HEAD') && isPullPath(url)) {
      getModel(request, response)
    } else if (!endIfGone(request)) {
      sendAtOnce(request)
      const address = addressGroup(clientAddress(request))
      if (isUncounted(url) || addressRate.tryTake(address)) app(request, response)
      else refuse(request, response, 'too-many-requests', BEYOND_ADDRESS_RATE)
    }
  })

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    code: ProblemCode,
    detail: string,
  ): void {
    if (endIfGone(request)) return
    sendProblem(request, response, code, detail)
    logRequest(logger, request, response, performance.now())
  }
}

const TOO_MANY_CONNECTIONS =
  'As many connections are open as the server takes (SLIPWAY_MAX_CONNECTIONS, SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS); try again.'

const BEYOND_ADDRESS_RATE =
  'More requests come from this address than may (SLIPWAY_MAX_REQUESTS_PER_ADDRESS a second). Wait as Retry-After says, and ask ' +
  'less often. Pulls are not counted. Behind a proxy, SLIPWAY_TRUST_PROXY has each client counted by itself.'

/** Load balancers ask for each bot behind them, and all from one address. */
function isUncounted(url: string): boolean {
  return isProbe(url) || url.startsWith('/ready/')
}

const FOREIGN_HOST =
  'Without a publish token, requests are taken under the names of this machine only (localhost, 127.0.0.1), as any web ' +
  'page could send others. Set SLIPWAY_PUBLISH_TOKEN to be reached under another name.'

/** Node lets a second Host line pass and forgets it; a proxy in front may have believed the other one. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && (name === 'Host' || name.toLowerCase() === 'host')) hosts++
  }
  return hosts > 1
}
