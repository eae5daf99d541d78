import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Tells a sender that waits for it (`Expect: 100-continue`, RFC 9110 §10.1.1) to go on: called once the request is
 * let in, so that a refused archive never travels.
 */
export function acceptBody({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
}
