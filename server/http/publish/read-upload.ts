import type { IncomingMessage, ServerResponse } from 'node:http'
import { acceptBody } from './accept-body.ts'
import { releaseChunk } from './release-chunk.ts'
import { RequestError } from '../reply/request-error.ts'
import { watchPace } from '../watch-pace.ts'

/**
 * The bytes of a request's body. A chunk is valid until the next one is asked for.
 *
 * @throws RequestError `upload-truncated` where the sender goes before the end, `slow-client` where it is too slow.
 */
export async function* readUpload(
  request: IncomingMessage,
  response: ServerResponse,
): AsyncGenerator<Uint8Array> {
  acceptBody(request, response)
  const stopWatching = watchPace(request)
  try {
    // Ending early must leave the connection open: the refusal still has to reach the sender.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      yield chunk as Uint8Array
      releaseChunk(chunk as Uint8Array)
    }
  } catch (error) {
    if (error instanceof RequestError) throw error
    throw new RequestError(
      'upload-truncated',
      'The body ended before its announced length.',
      {},
      { cause: error },
    )
  } finally {
    stopWatching()
  }
}
