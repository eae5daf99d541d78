import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { askAsBot, type BotReply } from '../../../client/doctor/exchange/bot-request.ts'
import { newProcessName } from '../../../protocol/process-name.ts'

/** What a bot needs to be played. */
export interface BotStage {
  /** What it polls. */
  url: URL
  /** Publishes a small archive, or a large one; gives its bytes. */
  publish: (which: 'small' | 'large') => Promise<Buffer>
  /** Bytes a second that its line takes of the large one. */
  bytesPerSecond: number
}

/** What a poll came to; status 0: no whole answer. */
interface Poll {
  status: number
  tag: string | undefined
  digest: string
}

/** Milliseconds without a byte after which a poll has failed. */
const SILENCE = 30_000
/** aiohttp follows so many. */
const MOST_REDIRECTS = 10

/**
 * Plays a Rasa bot through two releases by the exchange that Rasa has: a fresh start, a poll in sync, an update over a
 * slow line, a poll in sync.
 *
 * @returns what went wrong first; undefined where the bot runs what it should, and is left alone then
 */
export async function playBot({ url, publish, bytesPerSecond }: BotStage): Promise<string | undefined> {
  const small = await publish('small')
  const first = await poll(url, newProcessName(), Infinity)
  const missing = whatIsWrong(first, small)
  if (missing !== undefined) return `at its start: ${missing}`
  const again = await poll(url, first.tag ?? '', Infinity)
  if (!isUnchanged(again)) return `loads the same model at each poll (${again.status})`
  const large = await publish('large')
  const update = await poll(url, first.tag ?? '', bytesPerSecond)
  if (isUnchanged(update)) return 'is not told of a new release'
  const lacking = whatIsWrong(update, large)
  if (lacking !== undefined) return `at an update over a slow line: ${lacking}`
  const settled = await poll(url, update.tag ?? '', Infinity)
  return isUnchanged(settled) ? undefined : `loads the new model at each poll (${settled.status})`
}

function whatIsWrong({ status, tag, digest }: Poll, archive: Buffer): string | undefined {
  if (status === 0) return 'the archive breaks off'
  if (status !== 200) return `the answer is ${status}`
  if (tag === undefined) return 'there is no entity tag, so it loads nothing'
  return digest === digestOf(archive) ? undefined : 'another archive comes than the one that was published'
}

function isUnchanged({ status }: Poll): boolean {
  return status === 304 || status === 204
}

async function poll(url: URL, condition: string, bytesPerSecond: number): Promise<Poll> {
  let reply: BotReply | undefined
  try {
    reply = await follow(url, condition)
    const chunks: Buffer[] = []
    for await (const chunk of reply.message as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      if (bytesPerSecond !== Infinity) await wait((chunk.length / bytesPerSecond) * 1000)
    }
    const { status, headers } = reply
    const raw = Buffer.concat(chunks)
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
    return { status, tag: headers['etag'], digest: digestOf(body) }
  } catch {
    return { status: 0, tag: undefined, digest: '' }
  } finally {
    reply?.close()
  }
}

async function follow(start: URL, condition: string): Promise<BotReply> {
  let url = start
  for (let redirects = 0; ; redirects++) {
    const signal = AbortSignal.timeout(300_000)
    const reply = await askAsBot({ url, condition, headers: {}, trust: { ca: [] }, silence: SILENCE, signal })
    const { location } = reply.headers
    if (reply.status < 300 || reply.status > 308 || location === undefined || redirects === MOST_REDIRECTS)
      return reply
    reply.close()
    url = new URL(location, url)
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
