import { errors } from 'undici'
import { PullFailure, errorCode } from '../failure.ts'

/**
 * The failure that an error of undici or of a socket stands for.
 *
 * @param wasBegun Whether the connection stood, and the request began to be written: whatever failed then, it may have arrived.
 */
export function failureOfNetwork(error: unknown, url: URL, wasBegun: boolean): PullFailure {
  return new PullFailure('source', `${url.origin} ${describeNetworkError(error)}`, {
    again: true,
    mayBeDone: wasBegun,
    cause: error,
  })
}

function describeNetworkError(error: unknown): string {
  if (error instanceof errors.HeadersTimeoutError) return 'did not answer in time'
  if (error instanceof errors.BodyTimeoutError) return 'stopped sending in the middle of the body'
  if (error instanceof errors.ConnectTimeoutError) return 'could not be reached in time'
  if (error instanceof errors.HTTPParserError) return 'answered something that is not HTTP'
  if (error instanceof errors.SocketError || error instanceof errors.ResponseContentLengthMismatchError)
    return 'closed the connection before the answer was complete'
  const code = errorCode(error)
  if (code === 'ECONNREFUSED') return 'refuses connections: check that the server is running, and its address'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'is not known: its name could not be looked up'
  return `could not be asked: ${error instanceof Error ? error.message : String(error)}`
}
