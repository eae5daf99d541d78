import type { IncomingMessage, ServerResponse } from 'node:http'
import { readShortUpload } from '../publish/read-short-upload.ts'
import { RequestError } from '../reply/request-error.ts'

/** Far more than any request of the API needs. */
const LONGEST_BODY_BYTES = 64 * 1024

/**
 * Reads a JSON body.
 *
 * @returns `{}` for no body at all where that is allowed.
 * @throws RequestError `media-type-unsupported`, `content-encoding-unsupported`, `invalid-body`
 */
export async function readJsonBody(
  request: IncomingMessage,
  response: ServerResponse,
  { bodyOptional = false }: { bodyOptional?: boolean },
): Promise<unknown> {
  const type = request.headers['content-type']
  const isEmpty = request.headers['content-length'] === '0' || !hasBody(request)
  if (isEmpty && bodyOptional) return {}
  if (isEmpty || type === undefined || !/^application\/json *(;|$)/i.test(type)) {
    throw new RequestError(
      'media-type-unsupported',
      'Send a JSON object with Content-Type: application/json.',
    )
  }
  if (request.headers['content-encoding'] !== undefined) {
    throw new RequestError(
      'content-encoding-unsupported',
      'Send the body as it is, without Content-Encoding.',
    )
  }
  const text = await readShortUpload(request, response, LONGEST_BODY_BYTES, 'body')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RequestError('invalid-body', 'The body is not JSON.', {}, { cause })
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}
