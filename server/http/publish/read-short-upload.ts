import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestError } from '../reply/request-error.ts'
import { readUpload } from './read-upload.ts'

/**
 * Reads a body that is short enough for memory.
 *
 * @param most Bytes that it may have.
 * @param what Names it in the refusal: "body", "form".
 * @throws RequestError `invalid-body` where it is longer, and what `readUpload` throws.
 */
export async function readShortUpload(
  request: IncomingMessage,
  response: ServerResponse,
  most: number,
  what: string,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of readUpload(request, response)) {
    size += chunk.length
    if (size > most) throw new RequestError('invalid-body', `The ${what} is longer than ${most} bytes.`)
    // A chunk is valid until the next one is asked for.
    chunks.push(Uint8Array.from(chunk))
  }
  return Buffer.concat(chunks).toString()
}
