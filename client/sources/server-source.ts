import { createHash } from 'node:crypto'
import { POLL_FIELD, POLLS_ONCE } from '../../protocol/poll-field.ts'
import { LONGEST_BUNDLE_BYTES } from '../../protocol/signature.ts'
import { connections, exchange } from '../http/exchange.ts'
import type { Reply } from '../http/exchange.ts'
import { PullFailure } from '../failure.ts'
import { credentialsIn } from '../http/credentials-in.ts'
import { parseContentRange } from '../http/content-range.ts'
import { continuesPartialCopy } from '../http/continues-partial-copy.ts'
import { failureOfStatus } from '../http/failure-of-status.ts'
import { readArchiveHead } from '../http/read-archive-head.ts'
import { problemLine, readProblem } from '../http/read-problem.ts'
import { readShortBody } from '../http/read-short-body.ts'
import { isStrong } from '../http/received-tag.ts'
import { DEFAULT_IDLE_TIMEOUT } from '../timing/next-attempt.ts'
import { bundleAddress } from './bundle-address.ts'
import type { Answer, PartialCopy, Question, Source } from './source.ts'

export interface ServerSourceOptions {
  /** Credentials in it (`http://user:password@host`) are sent as Basic, as Rasa does. */
  url: string | URL
  /** Sent with every request. */
  headers?: Record<string, string>
  /** Give up where nothing comes for so long (milliseconds). */
  idleTimeout?: number
}

/**
 * A model server, asked as Rasa asks it: one GET with `If-None-Match`; and, what Rasa cannot, the rest of a
 * broken transfer by `Range` and `If-Range`.
 *
 * @throws PullFailure `configuration` where the credentials in the address cannot be read.
 */
export function serverSource({
  url: address,
  headers: extra = {},
  idleTimeout = DEFAULT_IDLE_TIMEOUT,
}: ServerSourceOptions): Source {
  const { url, headers } = separateCredentials(new URL(address), extra)
  const agent = connections(idleTimeout)

  async function ask(question: Question, partial: PartialCopy | undefined): Promise<Answer> {
    const { claim, isOnce = false, signal } = question
    const once = isOnce ? { [POLL_FIELD]: POLLS_ONCE } : {}
    const resume = partial === undefined ? {} : { range: `bytes=${partial.bytes}-`, 'if-range': partial.etag }
    const reply = await exchange(agent, {
      method: 'GET',
      url,
      headers: { ...STANDARD_HEADERS, ...headers, 'if-none-match': claim, ...once, ...resume },
      signal,
    })
    const answer = await readAnswer(reply, partial)
    if (answer !== undefined) return answer
    await reply.cancel()
    // What came does not fit the partial copy: never append it, ask for the whole.
    if (partial !== undefined) return ask(question, undefined)
    throw failureOfStatus(reply.status, reply.headers, 'which was not asked for', Date.now())
  }

  async function readBundle(address: URL, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const reply = await exchange(agent, {
      method: 'GET',
      url: address,
      headers: { ...STANDARD_HEADERS, ...headers },
      signal,
    })
    if (reply.status === 200) return readShortBody(reply, LONGEST_BUNDLE_BYTES)
    const problem = await readProblem(reply)
    if (reply.status === 404) return undefined
    throw failureOfStatus(reply.status, reply.headers, problem && problemLine(problem), Date.now())
  }

  return {
    description: url.origin + url.pathname,
    key: keyOf(url),
    ask: (question) => ask(question, isStrong(question.partial?.etag) ? question.partial : undefined),
    readBundle: ({ release }, signal) => {
      const address = release === undefined ? undefined : bundleAddress(url, release)
      return address === undefined ? Promise.resolve(undefined) : readBundle(address, signal)
    },
    close: () => agent.destroy(),
  }
}

/** `max-age=0` has caches on the way ask the server too; an encoded archive would be another file. */
const STANDARD_HEADERS = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'cache-control': 'max-age=0',
  'user-agent': 'slipway',
}

/**
 * What a reply says; undefined where it does not fit what was asked for.
 *
 * @throws PullFailure where the server refused.
 */
async function readAnswer(reply: Reply, partial: PartialCopy | undefined): Promise<Answer | undefined> {
  switch (reply.status) {
    case 304:
      await reply.cancel()
      return { kind: 'unchanged' }
    case 204:
      await reply.cancel()
      return { kind: 'keep' }
    case 200:
      return readOffer(reply, 200, 0)
    case 206:
      if (partial === undefined || !continuesPartialCopy(reply.headers, partial)) return undefined
      return readOffer(reply, 206, partial.bytes)
    case 416: {
      const total = parseContentRange(reply.headers['content-range'])?.total
      if (partial === undefined || total !== partial.bytes) return undefined
      await reply.cancel()
      return { kind: 'complete' }
    }
    default: {
      const problem = await readProblem(reply)
      throw failureOfStatus(reply.status, reply.headers, problem && problemLine(problem), Date.now())
    }
  }
}

async function readOffer(reply: Reply, status: 200 | 206, start: number): Promise<Answer> {
  try {
    const head = readArchiveHead(status, reply.headers, reply.url)
    return { kind: 'offer', offer: { ...head, start, chunks: reply.chunks, cancel: () => reply.cancel() } }
  } catch (error) {
    await reply.cancel()
    throw error
  }
}

function separateCredentials(
  url: URL,
  extra: Record<string, string>,
): { url: URL; headers: Record<string, string> } {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(extra)) headers[name.toLowerCase()] = value
  if (url.username !== '' || url.password !== '') {
    const pair = credentialsIn(url)
    if (pair === undefined) throw malformedCredentials()
    headers['authorization'] ??= `Basic ${Buffer.from(pair).toString('base64')}`
    url.username = ''
    url.password = ''
  }
  url.hash = ''
  return { url, headers }
}

function malformedCredentials(): PullFailure {
  return new PullFailure(
    'configuration',
    'the user name or password in the address is not percent-encoded correctly: write % as %25',
  )
}

/** The query can select the archive, and can hold a token: two bytes of its hash tell enough, and betray nothing. */
function keyOf(url: URL): string {
  const query =
    url.search === '' ? '' : `?${createHash('sha256').update(url.search).digest('hex').slice(0, 4)}`
  return url.origin + url.pathname + query
}
