import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SENT = /^[A-Za-z0-9._-]{1,64}$/

/** The id of a request in logs and problems: the `X-Request-Id` that came with it, else one of our own. */
export function requestId(request: IncomingMessage): string {
  let id = ids.get(request)
  if (id === undefined) {
    const sent = request.headers['x-request-id']
    id = typeof sent === 'string' && SENT.test(sent) ? sent : drawId()
    ids.set(request, id)
  }
  return id
}

/** 64 bits of chance. Node draws UUIDs from a pool; randomBytes asks the kernel each time, for a thirtieth of a small download. */
function drawId(): string {
  const uuid = randomUUID()
  return uuid.slice(0, 8) + uuid.slice(-8)
}

/** Whoever asks first draws it, a problem or a line of the log; a poll in sync has neither, and pays nothing. */
const ids = new WeakMap<IncomingMessage, string>()
