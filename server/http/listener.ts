import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { logRequest } from './reply/log-request.ts'
import { isPullPath } from './pull/pull-target.ts'
import { originForm } from './reply/request-target.ts'
import { sendProblem } from './reply/send-problem.ts'

/**
 * Polls stand in front of the Express app, as a plain listener: they are nearly all of the traffic, and Express's
 * router costs a third of their rate. Both roads go through the same gate.
 */
export function createListener(
  getModel: (request: IncomingMessage, response: ServerResponse) => void,
  app: (request: IncomingMessage, response: ServerResponse) => void,
  logger: Logger,
): RequestListener {
  return (request, response) => {
    const url = originForm(request.url ?? '')
    request.url = url
    if (hasTwoHosts(request)) {
      sendProblem(request, response, 'bad-request', 'The request has two Host lines (RFC 9112 §3.2).')
      logRequest(logger, request, response, performance.now())
    } else if ((request.method === 'GET' || request.method === 'HEAD') && isPullPath(url)) {
      getModel(request, response)
    } else {
      app(request, response)
    }
  }
}

/** Node lets a second Host line pass and forgets it; a proxy in front may have believed the other one. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}
