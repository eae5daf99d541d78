import { Readable } from 'node:stream'
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { discardBody } from '../../storage/bucket/discard-body.ts'
import { PullFailure } from '../failure.ts'
import { LONGEST_TIMER } from '../timing/pause.ts'
import { BodyQueue } from './body-queue.ts'
import { failureOfNetwork } from './failure-of-network.ts'
import { MOST_REDIRECTS, isRedirect, redirectTarget, requireSameMethod } from './redirect.ts'

/** One HTTP request. */
export interface Exchange {
  method: Dispatcher.HttpMethod
  url: URL
  headers: Record<string, string>
  /** Makes the body, for each address that it is sent to: a stream can be sent once only. */
  body?: (() => Dispatcher.DispatchOptions['body']) | undefined
  /** Has the server say first whether it wants the body (RFC 9110 §10.1.1). */
  expectContinue?: boolean
  signal: AbortSignal
}

/** What came back, its body still to be read. */
export interface Reply {
  status: number
  /** Lower-case names; lines of one name joined with commas (RFC 9110 §5.3). */
  headers: Record<string, string>
  /** Where it came from at last, after redirects within the origin. */
  url: URL
  /** Throws {@link PullFailure} where the body breaks off or nothing comes for too long. */
  chunks: AsyncIterable<Uint8Array>
  /** Closes the connection without reading the rest. */
  cancel(): Promise<void>
}

/**
 * Makes the connections of one source: no global state, nothing shared with other code in the process.
 *
 * @param timeout Milliseconds without a byte after which a request has failed.
 */
export function connections(timeout: number): Agent {
  const silence = Math.min(timeout, LONGEST_TIMER)
  return new Agent({
    headersTimeout: silence,
    bodyTimeout: silence,
    connect: { timeout: Math.min(silence, 10_000) },
  })
}

/**
 * Sends a request and follows redirects within its origin.
 *
 * @throws PullFailure where no answer comes; the signal's reason where it is aborted.
 */
export async function exchange(agent: Agent, request: Exchange): Promise<Reply> {
  let { url } = request
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const reply = await send(agent, { ...request, url })
    if (!isRedirect(reply.status)) return reply
    await reply.cancel()
    const target = redirectTarget(url, reply.headers['location'])
    requireSameMethod(request.method, reply.status, target)
    url = target
  }
  throw new PullFailure('source', `the server redirects more than ${MOST_REDIRECTS} times`)
}

function send(agent: Agent, request: Exchange): Promise<Reply> {
  const { method, url, headers, signal } = request
  signal.throwIfAborted()
  return new Promise<Reply>((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    const sent = request.body?.() ?? null
    const body = new BodyQueue(() => controller?.resume())
    const abort = (): void => controller?.abort(signal.reason as Error)
    const cancel = (): Promise<void> => {
      signal.removeEventListener('abort', abort)
      controller?.abort(new Error('not wanted any more'))
      return Promise.resolve()
    }
    signal.addEventListener('abort', abort, { once: true })
    const options: Dispatcher.DispatchOptions = {
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      body: sent,
      expectContinue: request.expectContinue ?? false,
    }
    agent.dispatch(options, {
      onRequestStart(started) {
        controller = started
        if (signal.aborted) abort()
      },
      onResponseStart(_, status, raw) {
        // An interim answer (100, 103) is not the answer yet.
        if (status < 200) return
        resolve({ status, headers: joined(raw), url, chunks: body.read(), cancel })
      },
      onResponseData(sender, chunk) {
        if (!body.push(chunk)) sender.pause()
      },
      onResponseEnd() {
        signal.removeEventListener('abort', abort)
        discardSent(sent)
        body.end()
      },
      onResponseError(_, error) {
        signal.removeEventListener('abort', abort)
        discardSent(sent)
        const failure = signal.aborted
          ? (signal.reason as Error)
          : failureOfNetwork(error, url, controller !== undefined)
        body.fail(failure)
        reject(failure)
      },
    })
  })
}

/** A server that answers early takes no more of the body: its file is closed. */
function discardSent(body: Dispatcher.DispatchOptions['body']): void {
  if (body instanceof Readable) discardBody(body)
}

function joined(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}
