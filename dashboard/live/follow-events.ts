import type { Event } from '../../protocol/event.ts'
import { ApiProblem } from '../api/api.ts'
import type { Liveness } from './liveness.ts'
import { readEvents } from './read-events.ts'

/** Milliseconds between two attempts at first, and at most. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000

interface Following {
  /** The address of the server, with a slash at its end. */
  server: string
  onEvent: (event: Event) => void
  onLiveness: (liveness: Liveness) => void
}

/** What tabs of one browser tell each other. */
type Message =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'liveness'; readonly liveness: Liveness }
  /** A tab that has just come asks how it stands. */
  | { readonly kind: 'hello' }

/**
 * Follows what happens, by one stream for all tabs of a browser: over HTTP/1.1 it has six connections to a server, and
 * each stream would take one of them. The tab that holds a lock reads the stream and tells the others; one that is
 * hidden gives the lock up. Whoever gets it goes on where the last event was.
 *
 * Pages over plain HTTP from elsewhere than this machine have no locks: there each tab that is looked at has a stream of its own.
 */
export function followEvents(following: Following): void {
  const { server } = following
  const locks = 'locks' in navigator ? navigator.locks : undefined
  const channel = new BroadcastChannel(`slipway ${server}`)
  let lastId: number | undefined
  let liveness: Liveness = { kind: 'asleep' }
  let turn: AbortController | undefined
  let isReading = false

  const note = (next: Liveness): void => {
    if (JSON.stringify(next) === JSON.stringify(liveness)) return
    liveness = next
    following.onLiveness(next)
  }
  const take = (event: Event): void => {
    if (lastId !== undefined && event.id <= lastId) return
    lastId = event.id
    following.onEvent(event)
  }
  const tell = (message: Message): void => {
    channel.postMessage(message)
  }
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    switch (data.kind) {
      case 'event':
        take(data.event)
        return
      case 'liveness':
        if (!isReading) note(data.liveness)
        return
      case 'hello':
        if (isReading) tell({ kind: 'liveness', liveness })
    }
  })

  const read = async (signal: AbortSignal): Promise<void> => {
    isReading = true
    const noteAndTell = (next: Liveness): void => {
      note(next)
      tell({ kind: 'liveness', liveness: next })
    }
    try {
      await readForEver({
        ...{ server, signal, onLiveness: noteAndTell },
        lastId: () => lastId,
        onEvent(event) {
          take(event)
          tell({ kind: 'event', event })
        },
      })
    } finally {
      isReading = false
    }
  }

  const begin = (): void => {
    if (turn !== undefined || document.hidden) return
    turn = new AbortController()
    const { signal } = turn
    tell({ kind: 'hello' })
    const reading =
      locks === undefined
        ? read(signal)
        : locks.request(`slipway events ${server}`, { signal }, () => read(signal))
    // Aborted while it waited for the lock.
    Promise.resolve(reading).catch(() => undefined)
  }
  const end = (): void => {
    turn?.abort()
    turn = undefined
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) end()
    else begin()
  })
  // A page that is kept for the back button must hold neither lock nor stream.
  window.addEventListener('pagehide', end)
  window.addEventListener('pageshow', begin)
  begin()
}

interface Reading {
  server: string
  signal: AbortSignal
  lastId: () => number | undefined
  onEvent: (event: Event) => void
  onLiveness: (liveness: Liveness) => void
}

/** Reads the stream, and again when it ends, until the signal is aborted. */
async function readForEver({ server, signal, lastId, onEvent, onLiveness }: Reading): Promise<void> {
  let pause = FIRST_PAUSE
  while (!signal.aborted) {
    let liveness: Liveness = { kind: 'stale', since: new Date().toISOString() }
    try {
      await readEvents({
        ...{ server, signal, onEvent },
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
