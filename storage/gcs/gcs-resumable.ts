import type { PutOptions, UploadSource } from '../bucket/bucket.ts'
import { partSize } from '../bucket/part-buffers.ts'
import type { GcsAnswer, GcsConnection } from './gcs-connection.ts'
import type { GcsObject } from './gcs-object.ts'
import { checkArrival } from './gcs-object.ts'
import { StoreUnavailable } from '../object-store.ts'
import type { RetryPolicy } from '../bucket/retry-policy.ts'
import { sentBlocks, withPart } from '../bucket/upload-parts.ts'
import { pauseBeforeRetry, withRetries } from '../bucket/with-retries.ts'

/**
 * Uploads a large object in chunks, resuming after the last byte that Google says it has, and from the beginning
 * where the session is lost. A session that is not finished goes by itself after a week, and shows nothing.
 *
 * @throws ObjectChanged where it was to be created once and the key is taken
 */
export async function putResumable(
  gcs: GcsConnection,
  retryPolicy: RetryPolicy,
  key: string,
  source: UploadSource,
  { once, signal, md5 }: Pick<PutOptions, 'once' | 'signal'> & { md5: string },
): Promise<void> {
  const query = { uploadType: 'resumable', name: key, ...(once ? { ifGenerationMatch: '0' } : {}) }
  const options = { signal, retryTime: retryPolicy.uploadRetryTime }
  for (let sessions = 1; ; sessions += 1) {
    const session = await withRetries(
      retryPolicy,
      (ending) => begin(gcs, query, key, source.size, md5, ending),
      options,
    )
    try {
      checkArrival(await putChunks(gcs, retryPolicy, { session, key, signal }, source), source.size, md5)
      return
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error
      if (sessions >= retryPolicy.attempts) throw new StoreUnavailable(error.message, { cause: error })
      await pauseBeforeRetry(retryPolicy, sessions, signal)
    }
  }
}

/** Google knows nothing of the upload any more. */
class SessionLost extends Error {
  override readonly name = 'SessionLost'
}

interface Session {
  session: string
  key: string
  signal: AbortSignal | undefined
}

/** Sends all chunks of one session. Throws SessionLost where another has to be begun. */
async function putChunks(
  gcs: GcsConnection,
  retryPolicy: RetryPolicy,
  { session, key, signal }: Session,
  source: UploadSource,
): Promise<GcsObject> {
  const options = { signal, retryTime: retryPolicy.uploadRetryTime }
  let offset = 0
  for (let rejected = 0; rejected < retryPolicy.attempts;) {
    const part = { start: offset, length: Math.min(partSize, source.size - offset) }
    const answer = await withPart(source, part, (bytes) => {
      let isFirst = true
      return withRetries(
        retryPolicy,
        async (ending, progress) => {
          if (!isFirst) {
            // What Google has of it, it does not want again.
            const known = await put(gcs, session, key, `bytes */${source.size}`, ending)
            if (known.status !== 308 || nextOffset(known) !== part.start) return known
          }
          isFirst = false
          const range = `bytes ${part.start}-${part.start + part.length - 1}/${source.size}`
          return await put(gcs, session, key, range, ending, { bytes, progress })
        },
        options,
      )
    })
    if (answer.status !== 308) return gcs.parse(answer) as GcsObject
    const next = nextOffset(answer)
    if (next <= offset) rejected += 1
    offset = next
  }
  throw new StoreUnavailable(`Google Cloud Storage takes no bytes of "${key}" beyond ${offset}`)
}

async function begin(
  gcs: GcsConnection,
  query: Record<string, string>,
  key: string,
  size: number,
  md5: string,
  signal: AbortSignal,
): Promise<string> {
  const { headers } = await gcs.send(gcs.url(undefined, query, true), {
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
  if (typeof headers['location'] === 'string') return headers['location']
  throw new StoreUnavailable('Google Cloud Storage began an upload without naming it')
}

async function put(
  gcs: GcsConnection,
  session: string,
  key: string,
  contentRange: string,
  signal: AbortSignal,
  part?: { bytes: Uint8Array; progress: () => void },
): Promise<GcsAnswer> {
  const answer = await gcs.send(session, {
    method: 'PUT',
    headers: { 'content-range': contentRange, ...(part ? {} : { 'content-length': '0' }) },
    ...(part
      ? { body: { blocks: sentBlocks(part.bytes, part.progress), length: part.bytes.byteLength } }
      : {}),
    key,
    signal,
    accept: [308, 404, 410],
  })
  if (answer.status === 404 || answer.status === 410) {
    throw new SessionLost(`Google Cloud Storage lost the session of an upload (${answer.status})`)
  }
  return answer
}

/** Where to go on: 308 names the bytes that are safe, or none where there are none yet. */
function nextOffset({ headers }: GcsAnswer): number {
  const [, last] = /^bytes=0-(\d+)$/.exec(typeof headers['range'] === 'string' ? headers['range'] : '') ?? []
  return last === undefined ? 0 : Number(last) + 1
}
