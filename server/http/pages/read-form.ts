import type { IncomingMessage, ServerResponse } from 'node:http'
import { readShortUpload } from '../publish/read-short-upload.ts'
import { RequestError } from '../reply/request-error.ts'

/** Far more than a token and an address need. */
const LONGEST_FORM_BYTES = 16 * 1024

/** Reads the fields of a form that a page sent. @throws RequestError `media-type-unsupported`, `invalid-body` */
export async function readForm(request: IncomingMessage, response: ServerResponse): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError('media-type-unsupported', 'Send the fields as application/x-www-form-urlencoded.')
  }
  return new URLSearchParams(await readShortUpload(request, response, LONGEST_FORM_BYTES, 'form'))
}
