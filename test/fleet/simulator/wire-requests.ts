import type { Server } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Release } from '../../../protocol/release.ts'
import type { Target } from '../../../server/fleet/process-record.ts'
import { anArchive } from '../../support/archive-builder.ts'
import type { SimulatedPoll } from './fleet-server.ts'
import { SimulatedConnection, type WireAnswer, type WireRequest } from './simulated-connection.ts'

/** What simulated fleets run. */
export const MODEL = 'shop'
export const TAG = 'production'
export const API = `/api/v1/models/${MODEL}`

const PULL = `/models/${MODEL}@${TAG}`
const PERSON = '192.0.2.1'

/** Milliseconds of the real clock: on a busy machine the database lets several transactions time out. */
const LONGEST_WAIT = 600_000

/** As often as a server saves what it could not before. Milliseconds of the real clock. */
const SAVED_EVERY = 5_000

/** A page of `GET /api/v1/processes`. */
interface ProcessPage {
  items: { process: string; digest: string | null }[]
  next: string | null
}

/** A poll as a Rasa process sends it. */
export function pollRequest({ process, source, digest, hints }: SimulatedPoll): WireRequest {
  const tag = digest === null ? process : `"${digest}.${process}"`
  const isWeak = hints.includes('etag-rewritten')
  const query = source.instance === null ? '' : `?instance=${encodeURIComponent(source.instance)}`
  return {
    path: PULL + query,
    headers: { 'If-None-Match': isWeak ? `W/${tag}` : tag },
    address: source.address,
  }
}

/** Publishes the two releases that every history begins from. @returns the one that is tagged, and the next. */
export async function publishBoth(http: Server): Promise<[old: Target, next: Target]> {
  return [await publish(http, 'a', `?tag=${TAG}`), await publish(http, 'b', '')]
}

async function publish(http: Server, letter: string, query: string): Promise<Target> {
  const body = anArchive({ metadata: { model_id: letter.repeat(32) } })
  const wire = { method: 'POST', path: `/models/${MODEL}${query}`, body, address: PERSON }
  const { number, digest } = (await readJson(await exchange(http, wire))) as Release
  return { release: number, digest }
}

/** Asks the API, with JSON where there is any to send. @throws Error where it answers anything but 200 or 201. */
export async function requestJson<Answer>(
  http: Server,
  method: string,
  path: string,
  json?: unknown,
): Promise<Answer> {
  const body = json === undefined ? {} : { body: Buffer.from(JSON.stringify(json)) }
  const headers = { 'Content-Type': 'application/json' }
  return readJson(await exchange(http, { method, path, headers, ...body, address: PERSON })) as Answer
}

/** What the API says that each process runs: digests by name; null for what has loaded nothing. */
export async function listRunning(http: Server): Promise<Map<string, string | null>> {
  const running = new Map<string, string | null>()
  const first = `/api/v1/processes?model=${MODEL}`
  for (let path: string | null = first; path !== null;) {
    const { items, next }: ProcessPage = await requestJson(http, 'GET', path)
    for (const { process, digest } of items) running.set(process, digest)
    path = next === null ? null : `${first}&cursor=${encodeURIComponent(next)}`
  }
  return running
}

async function exchange(http: Server, wire: WireRequest): Promise<WireAnswer> {
  const connection = new SimulatedConnection(http, wire)
  const answer = await connection.answered
  connection.arrive()
  return answer
}

function readJson({ status, body }: WireAnswer): unknown {
  const text = body.toString('utf8')
  if (status !== 200 && status !== 201) throw new Error(`the API answered ${status}: ${text}`)
  return JSON.parse(text)
}

/**
 * Lets the server work until something is so.
 *
 * @param save Has it do what it does every five seconds: virtual time stands still meanwhile, and the database may have timed out.
 * @throws Error where it is not so after {@link LONGEST_WAIT}.
 */
export async function turnsUntil(
  isSo: () => boolean,
  save: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const begun = performance.now()
  let saved = begun
  while (!isSo()) {
    const now = performance.now()
    if (now - begun > LONGEST_WAIT) throw new Error('the server did not note what became of an offer')
    if (now - saved > SAVED_EVERY) {
      await save()
      saved = performance.now()
    } else await nextTurn()
  }
}
