import type { IncomingMessage } from 'node:http'
import { Grace, timedLooks, type Looks, type Pace } from './pace.ts'
import { RequestError } from './reply/request-error.ts'

const SENDERS_PACE: Pace = { bytesPerSecond: 10_000, graceSeconds: 30, mostGraceSeconds: 30, lookSeconds: 5 }

/**
 * Cuts a sender that stays under 10 kB/s for 30 s. Node's own `requestTimeout` would end every upload of over five
 * minutes, even one whose bytes flow.
 *
 * @returns Stops watching.
 */
export function watchPace(
  request: IncomingMessage,
  pace: Pace = SENDERS_PACE,
  looks: Looks = timedLooks,
): () => void {
  const { socket } = request
  const grace = new Grace(pace)
  let seen = socket.bytesRead
  return looks(() => {
    const arrived = socket.bytesRead - seen
    seen = socket.bytesRead
    // What has arrived and is not taken yet is our delay, not the sender's; so is all that follows the last byte.
    const isWaitedFor = !request.complete && request.readableLength === 0
    if (grace.look(arrived, isWaitedFor)) request.destroy(tooSlow(pace))
  }, pace.lookSeconds)
}

function tooSlow({ bytesPerSecond, graceSeconds }: Pace): RequestError {
  return new RequestError(
    'slow-client',
    `The body arrived at under ${bytesPerSecond} bytes a second for ${graceSeconds} s.`,
  )
}
