import { setImmediate as nextTurn } from 'node:timers/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EventReader, StoredEvent } from '../../catalog/events.ts'
import type { EventNews } from '../../events/event-news.ts'
import { DomainError } from '../../errors/errors.ts'
import { RequestError } from '../reply/request-error.ts'
import { requestId } from '../reply/request-id.ts'
import { ResponseWriter } from '../reply/response-writer.ts'
import { untilClosed } from '../reply/until-closed.ts'
import type { CanSee } from '../access/rights.ts'
import { presentEvent } from '../../events/present-event.ts'

/** What events are read from. */
export interface EventDependencies {
  events: EventReader
  news: EventNews
  /** After so many milliseconds without an event a comment is sent; {@link HEARTBEAT} unless a test cannot wait. */
  heartbeat?: number
}

/** Connections that may follow at once: dashboards and programs, not bots. */
const MOST_FOLLOWERS = 100

/** Proxies end connections on which nothing comes for a minute. */
const HEARTBEAT = 15_000

/** A timer may fire a little early. Milliseconds. */
const EARLY = 5

/** What one client can have waiting for it; the next events are read when it has taken these. */
const EVENTS_AT_ONCE = 100

/** Milliseconds until a browser connects again. */
const RETRY = 5_000

/**
 * Answers with server-sent events until the client leaves, is too slow, or the server stops.
 *
 * A client holds no queue: what it has not taken yet stays in the catalog.
 *
 * @param reader `isStillAllowed`: asked before anything is told, and with each heartbeat, as a token may end while its stream is
 *   open. `canSee`: of which models it is told.
 * @throws RequestError `invalid-parameter`, `overloaded`; DomainError `shutting-down`
 */
export async function streamEvents(
  request: IncomingMessage,
  response: ServerResponse,
  { events, news, heartbeat = HEARTBEAT }: EventDependencies,
  { isStillAllowed, canSee }: { isStillAllowed: () => boolean; canSee: CanSee },
): Promise<void> {
  const wanted = lastEventId(request)
  if (news.hasStopped()) throw new DomainError('shutting-down', 'The server is shutting down.')
  if (news.followers >= MOST_FOLLOWERS) {
    throw new RequestError('overloaded', `${MOST_FOLLOWERS} connections follow the events already.`)
  }
  const last = await events.lastEventSequence()
  writeHead(request, response)
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const closed = untilClosed(response)
  const writer = new ResponseWriter(response)
  const unfollow = news.follow()
  try {
    // What lies beyond the end was numbered by a catalog that a backup has replaced since.
    let position = Math.min(wanted ?? last, last)
    let text = `retry: ${RETRY}\n\n`
    let toldAt = performance.now()
    while (text === '' || (await writer.write(Buffer.from(text)))) {
      if (text !== '') toldAt = performance.now()
      if (news.hasStopped()) break
      let found = await events.listEventsAfter(position, EVENTS_AT_ONCE)
      if (found.length === 0) {
        await news.beyond(position, heartbeat, closed)
        found = await events.listEventsAfter(position, EVENTS_AT_ONCE)
      }
      if (closed.aborted || !isStillAllowed()) break
      position = found.at(-1)?.sequence ?? position
      text = found
        .filter(({ model }) => canSee(model))
        .map(eventText)
        .join('')
      // Not with each event of others: how many there are is theirs.
      if (text === '' && performance.now() - toldAt >= heartbeat - EARLY) text = ':\n\n'
      // SQLite answers without waiting: a million events of others would be looked through before any poll.
      if (text === '') await nextTurn()
    }
  } finally {
    unfollow()
    response.end()
  }
}

function lastEventId({ headers }: IncomingMessage): number | undefined {
  const text = headers['last-event-id']
  if (text === undefined || text === '') return undefined
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text)
  throw new RequestError('invalid-parameter', 'Last-Event-ID is the id of an event: a whole number.')
}

function writeHead(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    // Whoever comes back makes a new connection; kept open, an ended stream would look like a silent one.
    Connection: 'close',
    'X-Accel-Buffering': 'no',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId(request),
  })
}

/** JSON has no line ends of its own, so that one `data` line holds it. */
function eventText(stored: StoredEvent): string {
  const event = presentEvent(stored)
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
