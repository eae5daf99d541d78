import type { Event } from '../../protocol/event.ts'
import { ApiProblem } from '../api/api.ts'
import type { Liveness } from './liveness.ts'
import { readEvents } from './read-events.ts'

/** Milliseconds between two attempts at first, and at most. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000

interface ReadForEverOptions {
  /** The address of the server, with a slash at its end. */
  server: string
  signal: AbortSignal
  /** The id of the last event that is known; undefined: none is. Asked at each attempt. */
  lastId: () => number | undefined
  onEvent: (event: Event) => void
  onLiveness: (liveness: Liveness) => void
}

/** Reads the stream of events, and again when it ends, until the signal is aborted. */
export async function readForEver(options: ReadForEverOptions): Promise<void> {
  const { server, signal, lastId, onEvent, onLiveness } = options
  let pause = FIRST_PAUSE
  while (!signal.aborted) {
    let liveness: Liveness = { kind: 'stale', since: new Date().toISOString() }
    try {
      await readEvents({
        server,
        signal,
        onEvent,
        after: lastId()?.toString(),
        onOpen() {
          pause = FIRST_PAUSE
          onLiveness({ kind: 'live' })
        },
      })
    } catch (error) {
      const isRefused = error instanceof ApiProblem && [401, 403].includes(error.status)
      if (isRefused) liveness = { kind: 'refused' }
    }
    // The network said so, not the reader who went to another tab.
    if (isAborted(signal)) return
    onLiveness(liveness)
    await wait(pause * (0.5 + Math.random()), signal)
    pause = Math.min(2 * pause, LONGEST_PAUSE)
  }
}

/** Asked anew: it may have been aborted meanwhile, which types do not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
