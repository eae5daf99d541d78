import type { PutOptions, UploadSource } from '../bucket/bucket.ts'
import { partSize } from '../bucket/bucket.ts'
import type { GcsAnswer, GcsConnection } from './gcs-connection.ts'
import type { GcsObject } from './gcs-object.ts'
import { checkArrival } from './gcs-object.ts'
import { ObjectNotFound, StoreUnavailable } from '../object-store.ts'
import type { Patience } from '../bucket/patience.ts'
import { attempt, pause } from '../bucket/patience.ts'

/**
 * Uploads a large object in chunks, resuming after the last byte that Google says it has, and from the beginning
 * where the session is lost. A session that is not finished goes by itself after a week, and shows nothing.
 *
 * @throws ObjectChanged where it was to be created once and the key is taken
 */
export async function putResumable(
  gcs: GcsConnection,
  patience: Patience,
  key: string,
  source: UploadSource,
  { once, signal, md5 }: Pick<PutOptions, 'once' | 'signal'> & { md5: string },
): Promise<void> {
  const query = { uploadType: 'resumable', name: key, ...(once ? { ifGenerationMatch: '0' } : {}) }
  for (let sessions = 1; ; sessions += 1) {
    const session = await attempt(patience, (ending) => begin(gcs, query, key, source.size, md5, ending), {
      signal,
    })
    try {
      checkArrival(await putChunks(gcs, patience, { session, key, signal }, source), source.size, md5)
      return
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof StoreUnavailable) || sessions >= patience.attempts) throw error
      await pause(patience, sessions, signal)
    }
  }
}

interface Session {
  session: string
  key: string
  signal: AbortSignal | undefined
}

/** Sends all chunks of one session; StoreUnavailable where the session cannot be gone on with. */
async function putChunks(
  gcs: GcsConnection,
  patience: Patience,
  { session, key, signal }: Session,
  source: UploadSource,
): Promise<GcsObject> {
  const options = { signal, deadline: 10 * patience.answer }
  const onlyOnce = { ...patience, attempts: 1 }
  let offset = 0
  for (let failures = 0; ;) {
    let answer: GcsAnswer
    try {
      const length = Math.min(partSize, source.size - offset)
      const bytes = await source.part(offset, length)
      const range = `bytes ${offset}-${offset + length - 1}/${source.size}`
      answer = await attempt(onlyOnce, (ending) => put(gcs, session, key, range, ending, bytes), options)
      failures = 0
    } catch (error) {
      signal?.throwIfAborted()
      failures += 1
      if (!(error instanceof StoreUnavailable) || failures >= patience.attempts) throw error
      await pause(patience, failures, signal)
      const nothing = `bytes */${source.size}`
      answer = await attempt(onlyOnce, (ending) => put(gcs, session, key, nothing, ending), { signal })
    }
    if (answer.status !== 308) return await madeBy(answer)
    offset = await nextOffset(answer)
  }
}

async function begin(
  gcs: GcsConnection,
  query: Record<string, string>,
  key: string,
  size: number,
  md5: string,
  signal: AbortSignal,
): Promise<string> {
  const { headers, body } = await gcs.send(gcs.url(undefined, query, true), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-upload-content-type': 'application/octet-stream',
      'x-upload-content-length': String(size),
    },
    body: Buffer.from(JSON.stringify({ name: key, md5Hash: md5 })),
    key,
    signal,
  })
  await body.resume().toArray()
  if (typeof headers['location'] === 'string') return headers['location']
  throw new StoreUnavailable('Google Cloud Storage began an upload without naming it')
}

async function put(
  gcs: GcsConnection,
  session: string,
  key: string,
  contentRange: string,
  signal: AbortSignal,
  body?: Uint8Array,
): Promise<GcsAnswer> {
  try {
    return await gcs.send(session, {
      method: 'PUT',
      headers: { 'content-range': contentRange, ...(body ? {} : { 'content-length': '0' }) },
      ...(body ? { body } : {}),
      key,
      signal,
      accept: [308],
    })
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error
    throw new StoreUnavailable('Google Cloud Storage lost the session of an upload', { cause: error })
  }
}

/** Where to go on: 308 names the bytes that are safe, or none where there are none yet. */
async function nextOffset({ headers, body }: GcsAnswer): Promise<number> {
  await body.resume().toArray()
  const [, last] = /^bytes=0-(\d+)$/.exec(typeof headers['range'] === 'string' ? headers['range'] : '') ?? []
  return last === undefined ? 0 : Number(last) + 1
}

async function madeBy({ body }: GcsAnswer): Promise<GcsObject> {
  return JSON.parse(Buffer.concat(await body.toArray()).toString()) as GcsObject
}
