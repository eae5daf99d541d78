import type { ServerResponse } from 'node:http'
import { ClientGone } from './client-gone.ts'

/** Aborted with {@link ClientGone} when a response is over: where its client goes early, nobody waits for its answer any more. */
export function untilClosed(response: ServerResponse): AbortSignal {
  const closed = new AbortController()
  response.once('close', () => {
    closed.abort(new ClientGone())
  })
  return closed.signal
}
