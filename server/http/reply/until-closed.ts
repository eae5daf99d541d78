import type { ServerResponse } from 'node:http'

/** Aborted when a response is over: where its client goes early, nobody waits for its answer any more. */
export function untilClosed(response: ServerResponse): AbortSignal {
  const closed = new AbortController()
  response.once('close', () => {
    closed.abort(new Error('the client has gone'))
  })
  return closed.signal
}
