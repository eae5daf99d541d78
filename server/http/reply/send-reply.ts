import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseEntityTags } from '../../../protocol/entity-tag.ts'
import type { Reply } from '../api/endpoint.ts'
import { mountPath } from './mount-path.ts'
import { requestId } from './request-id.ts'
import { ResponseWriter, type ResponseWriterOptions } from './response-writer.ts'

/** What the kernel's buffers take, whether or not anybody reads. */
const SMALL_BYTES = 64 * 1024

/**
 * Sends an answer, or 304 where a GET's `If-None-Match` names it (RFC 9110 §13.1.2).
 *
 * @param options How a large answer is written.
 */
export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  options?: ResponseWriterOptions,
): void {
  const { status, body, text, entityTag, headers = {} } = reply
  response.setHeader('Cache-Control', 'private, no-cache')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('X-Request-Id', requestId(request))
  const mounted = mountPath(request)
  for (const [name, value] of Object.entries(headers))
    response.setHeader(name, withMountPath(name, value, mounted))
  if (entityTag !== undefined) response.setHeader('ETag', entityTag)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && entityTag !== undefined && namesEntityTag(request.headers['if-none-match'], entityTag)) {
    response.writeHead(304)
    response.end()
    return
  }
  if (body === undefined && text === undefined) {
    response.writeHead(status)
    response.end()
    return
  }
  const bytes = Buffer.from(text?.content ?? JSON.stringify(body))
  response.setHeader('Content-Type', text?.mediaType ?? 'application/json; charset=utf-8')
  response.setHeader('Content-Length', bytes.length)
  response.writeHead(status)
  if (request.method === 'HEAD' || bytes.length <= SMALL_BYTES) {
    response.end(request.method === 'HEAD' ? undefined : bytes)
    return
  }
  // A page of a thousand releases has megabytes: they must not be kept for a reader that takes none of them.
  void new ResponseWriter(response, options).write(bytes).then((written) => {
    if (written) response.end()
  })
}

/** The addresses in `Location` and `Link` are told as the client knows them. */
function withMountPath(name: string, value: string, mounted: string): string {
  if (mounted === '') return value
  if (name === 'Location') return `${mounted}${value}`
  return name === 'Link' ? value.replaceAll('</', `<${mounted}/`) : value
}

function namesEntityTag(ifNoneMatch: string | undefined, entityTag: string): boolean {
  const tags = ifNoneMatch === undefined ? undefined : parseEntityTags(ifNoneMatch)
  if (tags === undefined) return false
  return tags === '*' || tags.some(({ opaque }) => `"${opaque}"` === entityTag)
}
