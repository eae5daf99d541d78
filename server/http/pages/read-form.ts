import type { IncomingMessage, ServerResponse } from 'node:http'
import { readUpload } from '../publish/read-upload.ts'
import { RequestError } from '../reply/request-error.ts'

/** Far more than a token and an address need. */
const LONGEST_FORM_BYTES = 16 * 1024

/** Reads the fields of a form that a page sent. @throws RequestError `media-type-unsupported`, `invalid-body` */
export async function readForm(request: IncomingMessage, response: ServerResponse): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError('media-type-unsupported', 'Send the fields as application/x-www-form-urlencoded.')
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of readUpload(request, response)) {
    size += chunk.length
    if (size > LONGEST_FORM_BYTES) {
      throw new RequestError('invalid-body', `The form is longer than ${LONGEST_FORM_BYTES} bytes.`)
    }
    // A chunk is valid until the next one is asked for.
    chunks.push(Uint8Array.from(chunk))
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}
