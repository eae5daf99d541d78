import type { Event } from '../../protocol/event.ts'
import { ApiProblem } from '../api/api.ts'
import { BY_SCRIPT } from '../api/by-script.ts'
import { EventStreamParser } from './event-stream.ts'

/** The server sends a comment every 15 s: a stream that is silent for longer is dead, whatever the socket says. */
const SILENCE = 40_000

export interface ReadEventsOptions {
  /** The address of the server, with a slash at its end. */
  server: string
  /** The id of the last event that is known; undefined: from now on. */
  after: string | undefined
  signal: AbortSignal
  /** Told when the stream has begun. */
  onOpen: () => void
  onEvent: (event: Event) => void
}

/**
 * Follows the events until the stream ends. `EventSource` would do, but it cannot be told where to go on.
 *
 * @throws ApiProblem where the server refuses; whatever fetch throws where it does not answer, or the signal is aborted.
 */
export async function readEvents({
  server,
  after,
  signal,
  onOpen,
  onEvent,
}: ReadEventsOptions): Promise<void> {
  const silence = new AbortController()
  let timer = setTimeout(() => {
    silence.abort()
  }, SILENCE)
  try {
    const response = await fetch(`${server}api/v1/events`, {
      headers: {
        Accept: 'text/event-stream',
        ...BY_SCRIPT,
        ...(after === undefined ? {} : { 'Last-Event-ID': after }),
      },
      signal: AbortSignal.any([signal, silence.signal]),
      cache: 'no-store',
      credentials: 'same-origin',
    })
    if (!response.ok || response.body === null) {
      throw new ApiProblem(response.status, {
        code: 'not-followed',
        title: `it was answered ${response.status}`,
      })
    }
    onOpen()
    const parser = new EventStreamParser()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        silence.abort()
      }, SILENCE)
      for (const { data } of parser.push(value)) onEvent(JSON.parse(data) as Event)
    }
  } finally {
    clearTimeout(timer)
  }
}
