import type { IncomingMessage } from 'node:http'
import { RequestError } from './reply/request-error.ts'

/** How slow a sender may be. */
export interface Pace {
  bytesPerSecond: number
  /** How long it may stay below that. */
  graceSeconds: number
  /** Time between two looks. */
  lookSeconds: number
}

const STANDARD_PACE: Pace = { bytesPerSecond: 10_000, graceSeconds: 30, lookSeconds: 5 }

/**
 * Cuts a sender that stays under 10 kB/s for 30 s. Node's own `requestTimeout` would end every upload of over five
 * minutes, even one whose bytes flow.
 *
 * @returns Stops watching.
 */
export function watchPace(request: IncomingMessage, pace: Pace = STANDARD_PACE): () => void {
  const { socket } = request
  const { bytesPerSecond, graceSeconds, lookSeconds } = pace
  let grace = graceSeconds
  let seen = socket.bytesRead
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - seen
    seen = socket.bytesRead
    // What has arrived and is not taken yet is our delay, not the sender's; so is all that follows the last byte.
    if (request.complete || request.readableLength > 0) return
    grace = Math.min(graceSeconds, grace + arrived / bytesPerSecond - lookSeconds)
    if (grace <= 0) request.destroy(tooSlow(pace))
  }, lookSeconds * 1000)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

function tooSlow({ bytesPerSecond, graceSeconds }: Pace): RequestError {
  return new RequestError(
    'slow-client',
    `The body arrived at under ${bytesPerSecond} bytes a second for ${graceSeconds} s.`,
  )
}
