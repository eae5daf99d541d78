import type { PutOptions, UploadSource } from '../bucket/bucket.ts'
import type { GcsAnswer, GcsConnection, GcsRequest } from './gcs-connection.ts'
import type { GcsObject } from './gcs-object.ts'
import { checkArrival } from './gcs-object.ts'
import { StoreUnavailable } from '../object-store.ts'
import type { RetryPolicy } from '../bucket/retry-policy.ts'
import { ofUploads, readBlocks, withPart } from '../bucket/upload-parts.ts'
import type { Attempt } from '../bucket/with-retries.ts'
import { pauseBeforeRetry, withRetries } from '../bucket/with-retries.ts'

/**
 * Uploads a large object in one request, which goes on after the last byte that Google says it has, and from the beginning
 * where the session is lost. A session that is not finished goes by itself after a week, and shows nothing.
 *
 * One request for all of it: chunks would each wait for an answer. Parts side by side would have to be objects of their own
 * that are composed: visible under other names, billed and kept by the bucket's rules until they are deleted, and what is
 * composed of them has no MD5 that Google could compare.
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
  const options = { signal, ...ofUploads(retryPolicy) }
  const moved: Moved = { at: undefined }
  for (let sessions = 1; ; sessions += 1) {
    const session = await withRetries(
      retryPolicy,
      (ending) => begin(gcs, query, key, source.size, md5, ending),
      options,
    )
    try {
      checkArrival(await putAll(gcs, retryPolicy, { session, key, signal, moved }, source), source.size, md5)
      return
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error
      const idleSince = Math.max(moved.at ?? -Infinity, options.othersMovedAt())
      const isStuck = performance.now() >= idleSince + options.retryTime
      if (isStuck || sessions >= retryPolicy.attempts)
        throw new StoreUnavailable(error.message, { cause: error })
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
  moved: Moved
}

/** When Google took something of an upload last, over all sessions, as `performance.now()` counts; undefined: not yet known. */
interface Moved {
  at: number | undefined
}

/**
 * Memory for the blocks of one upload. Besides the block that is written to the connection, the stream of blocks and the
 * connection keep one or two each; TLS and the system copy what they take.
 */
const RING_BYTES = 2 * 1024 * 1024

/** More blocks than buffers between here and Google take without anybody reading them. */
const BLOCKS_ON_THE_WAY = 32

/** Sends all bytes of one session. Throws SessionLost where another has to be begun. */
async function putAll(
  gcs: GcsConnection,
  retryPolicy: RetryPolicy,
  { session, key, signal, moved }: Session,
  source: UploadSource,
): Promise<GcsObject> {
  const wait = { signal, timeout: retryPolicy.uploadRetryTime }
  return await withPart(source, { start: 0, length: RING_BYTES }, wait, async ({ bytes: ring, attempts }) => {
    let isRepeat = moved.at !== undefined
    let idleSince = moved.at ?? attempts.idleSince ?? performance.now()
    moved.at = idleSince
    const noteMove = (): void => {
      moved.at = idleSince = performance.now()
      attempts.onProgress?.()
    }
    let offset = 0
    let isFirst = true
    for (;;) {
      const attempt: Attempt<GcsAnswer> = async (ending, progress) => {
        if (!isFirst) {
          // What Google has of it, it does not want again.
          const known = await put(gcs, session, key, `bytes */${source.size}`, ending)
          if (known.status !== 308) return known
          const next = nextOffset(known)
          if (next > offset) noteMove()
          offset = next
          if (offset >= source.size)
            throw new StoreUnavailable(`Google Cloud Storage has not made "${key}" yet`)
        }
        isFirst = false
        const range = `bytes ${offset}-${source.size - 1}/${source.size}`
        let taken = 0
        const onBlock = (): void => {
          progress()
          taken += 1
          if (taken > BLOCKS_ON_THE_WAY) noteMove()
        }
        const body = { blocks: readBlocks(source, offset, ring, onBlock), length: source.size - offset }
        const answer = await put(gcs, session, key, range, ending, body)
        if (answer.status !== 308) return answer
        throw new StoreUnavailable(`Google Cloud Storage took "${key}" only up to byte ${nextOffset(answer)}`)
      }
      const options = { signal, ...ofUploads(retryPolicy), ...attempts, idleSince, isRepeat }
      try {
        return gcs.parse(await withRetries(retryPolicy, attempt, options)) as GcsObject
      } catch (error) {
        // An upload may last for hours, and break off now and then: it ends where it gets no further.
        const isStuck = performance.now() >= idleSince + retryPolicy.uploadRetryTime
        if (!(error instanceof StoreUnavailable) || isStuck) throw error
        isRepeat = true
      }
    }
  })
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
  body?: NonNullable<GcsRequest['body']>,
): Promise<GcsAnswer> {
  const answer = await gcs.send(session, {
    method: 'PUT',
    headers: { 'content-range': contentRange, ...(body ? {} : { 'content-length': '0' }) },
    ...(body ? { body } : {}),
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
