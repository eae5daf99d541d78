import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SENT = /^[A-Za-z0-9._-]{1,64}$/

/** The id of a request in logs and problems: the `X-Request-Id` that came with it, else one of our own. */
export function requestId(request: IncomingMessage): string {
  let id = ids.get(request)
  if (id === undefined) {
    const sent = request.headers['x-request-id']
    id = typeof sent === 'string' && SENT.test(sent) ? sent : randomBytes(8).toString('hex')
    ids.set(request, id)
  }
  return id
}

const ids = new WeakMap<IncomingMessage, string>()
