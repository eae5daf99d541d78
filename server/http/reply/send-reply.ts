import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseEntityTags } from '../../../protocol/entity-tag.ts'
import type { Reply } from '../api/endpoint.ts'
import { requestId } from './request-id.ts'

/** Sends a JSON answer, or 304 where a GET's `If-None-Match` names it (RFC 9110 §13.1.2). */
export function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, body, entityTag, headers = {} } = reply
  response.setHeader('Cache-Control', 'private, no-cache')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('X-Request-Id', requestId(request))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (entityTag !== undefined) response.setHeader('ETag', entityTag)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && entityTag !== undefined && isHeld(request.headers['if-none-match'], entityTag)) {
    response.writeHead(304)
    response.end()
    return
  }
  if (body === undefined) {
    response.writeHead(status)
    response.end()
    return
  }
  const bytes = Buffer.from(JSON.stringify(body))
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Content-Length', bytes.length)
  response.writeHead(status)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function isHeld(ifNoneMatch: string | undefined, entityTag: string): boolean {
  const tags = ifNoneMatch === undefined ? undefined : parseEntityTags(ifNoneMatch)
  if (tags === undefined) return false
  return tags === '*' || tags.some(({ opaque }) => `"${opaque}"` === entityTag)
}
