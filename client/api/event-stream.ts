import { PullFailure } from '../failure.ts'
import type { Reply } from '../http/exchange.ts'
import { pause } from '../timing/pause.ts'
import type { ApiClient } from './api-client.ts'

/** Between the end of a stream and the next, in milliseconds. */
const RECONNECT_PAUSE = 2_000

/** An event is a few hundred bytes; what is longer is no stream of ours. */
const LONGEST_LINE = 1024 * 1024

/** Told of a server that is followed. */
export interface Follower {
  /** Something happened. */
  onEvent: () => void
  /** Whether what happens is told now; where not, somebody has to ask. */
  onLive: (isLive: boolean) => void
}

/**
 * Follows the events of a server (`GET /api/v1/events`) until `signal` aborts; a stream that ends is begun again, behind
 * what was told last.
 */
export async function followEvents(
  client: ApiClient,
  { onEvent, onLive }: Follower,
  signal: AbortSignal,
): Promise<void> {
  let last: string | undefined
  const read = async (reply: Reply): Promise<void> => {
    onLive(true)
    for await (const line of linesOf(reply)) {
      if (line.startsWith('id:')) last = line.slice('id:'.length).trim()
      if (line.startsWith('data:')) onEvent()
    }
  }
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (last !== undefined) headers['last-event-id'] = last
      await client.fetch(
        { method: 'GET', path: 'api/v1/events', headers, isTransfer: true, repeatable: false, signal },
        read,
      )
    } catch (error) {
      // Whoever watches asks, and hears there what is wrong.
      if (!(error instanceof PullFailure) && !hasEnded(signal)) throw error
    }
    onLive(false)
    await pause(RECONNECT_PAUSE, signal)
  }
}

function hasEnded(signal: AbortSignal): boolean {
  return signal.aborted
}

async function* linesOf(reply: Reply): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of reply.chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) {
      await reply.cancel()
      return
    }
    yield* lines
  }
}
