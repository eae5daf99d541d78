import type { IncomingMessage } from 'node:http'
import { RequestError } from './request-error.ts'

const LOOK_MILLISECONDS = 5_000
const SLOWEST_BYTES_PER_SECOND = 10_000
const PATIENCE_SECONDS = 30

/**
 * Cuts a sender that stays under 10 kB/s for 30 s. Node's own `requestTimeout` would end every upload of over five
 * minutes, even one whose bytes flow.
 *
 * @returns Stops watching.
 */
export function watchPace(request: IncomingMessage): () => void {
  const { socket } = request
  let patience = PATIENCE_SECONDS
  let seen = socket.bytesRead
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - seen
    seen = socket.bytesRead
    // What has arrived and is not taken yet is our delay, not the sender's.
    if (request.readableLength > 0) return
    const earned = arrived / SLOWEST_BYTES_PER_SECOND
    patience = Math.min(PATIENCE_SECONDS, patience + earned - LOOK_MILLISECONDS / 1000)
    if (patience <= 0)
      request.destroy(new RequestError('slow-client', 'The body arrived at under 10 kB/s for 30 s.'))
  }, LOOK_MILLISECONDS)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
