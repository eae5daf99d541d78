import { createHash, randomUUID } from 'node:crypto'
import type { Bucket, Download, GetOptions, ListedPage, PutOptions, UploadSource } from '../bucket/bucket.ts'
import { discardBody } from '../bucket/discard-body.ts'
import { partSize } from '../bucket/part-buffers.ts'
import { ofUploads, sentBlocks, withPart, type LoadedPart } from '../bucket/upload-parts.ts'
import { byteRangeHeader, wholeSize } from '../bucket/download-headers.ts'
import type { GcsConnection } from './gcs-connection.ts'
import type { GcsObject } from './gcs-object.ts'
import { checkArrival, toGcsStat } from './gcs-object.ts'
import { putResumable } from './gcs-resumable.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound } from '../object-store.ts'
import type { RetryPolicy } from '../bucket/retry-policy.ts'
import type { AttemptOptions } from '../bucket/with-retries.ts'
import { withRetries } from '../bucket/with-retries.ts'

/** A bucket of Google Cloud Storage. */
export class GcsBucket implements Bucket {
  readonly description: string
  readonly #gcs: GcsConnection
  readonly #retryPolicy: RetryPolicy

  constructor(connection: GcsConnection, retryPolicy: RetryPolicy) {
    this.#gcs = connection
    this.#retryPolicy = retryPolicy
    const { bucket, endpointUrl } = connection.settings
    this.description = `gcs bucket ${bucket}${endpointUrl === undefined ? '' : ` at ${endpointUrl}`}`
  }

  async list(prefix: string, cursor: string | undefined, signal: AbortSignal): Promise<ListedPage> {
    const fields = 'items(name,size,generation,timeCreated),nextPageToken'
    const page = cursor === undefined ? {} : { pageToken: cursor }
    const found = await this.#gcs.json<{ items?: GcsObject[]; nextPageToken?: string }>(
      this.#gcs.url(undefined, { prefix, maxResults: '1000', fields, ...page }),
      { signal },
    )
    return { objects: (found.items ?? []).map(toGcsStat), next: found.nextPageToken || undefined }
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectStat | undefined> {
    try {
      const url = this.#gcs.url(key, { fields: 'name,size,generation,timeCreated' })
      return toGcsStat(await this.#gcs.json<GcsObject>(url, { key, signal }))
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
      await this.#requireBucket(signal)
      return undefined
    }
  }

  /** Not every server says of a 404 whether the bucket is missing or the object: a list does, which needs no object. */
  async #requireBucket(signal: AbortSignal): Promise<void> {
    const { endpointUrl } = this.#gcs.settings
    if (endpointUrl === undefined) return
    await this.#gcs.json(this.#gcs.url(undefined, { maxResults: '1', fields: 'nextPageToken' }), { signal })
  }

  async get(key: string, { range, ifVersion, known }: GetOptions, signal: AbortSignal): Promise<Download> {
    // The metadata first, then exactly that generation: a download's headers do not say when it was made.
    const stat = known ?? (await this.head(key, signal))
    if (!stat) throw new ObjectNotFound(key)
    if (ifVersion !== undefined && stat.version !== ifVersion) throw new ObjectChanged(key)
    const { headers, body } = await this.#gcs.download(
      this.#gcs.url(key, { alt: 'media', ifGenerationMatch: stat.version }),
      // Accepting gzip keeps Google from unpacking what somebody stored with Content-Encoding: gzip.
      {
        key,
        signal,
        headers: { 'accept-encoding': 'gzip', ...(range ? { range: byteRangeHeader(range) } : {}) },
      },
    )
    try {
      const generation = headers['x-goog-generation']
      // Not every emulator heeds ifGenerationMatch here.
      if (generation !== undefined && generation !== stat.version) throw new ObjectChanged(key)
      const size = wholeSize(key, range, one(headers['content-range']), Number(headers['content-length']))
      if (size !== stat.size) throw new ObjectChanged(key)
      return { stat, body }
    } catch (error) {
      discardBody(body)
      throw error
    }
  }

  async put(key: string, source: UploadSource, options: PutOptions): Promise<'created' | 'exists'> {
    const { signal, once } = options
    try {
      // Google would refuse a large upload only at its end.
      const isLarge = source.size > partSize
      if (
        once &&
        isLarge &&
        (await withRetries(this.#retryPolicy, (ending) => this.head(key, ending), this.#upload(signal)))
      ) {
        return 'exists'
      }
      if (isLarge) {
        const md5 = await md5Of(source)
        await putResumable(this.#gcs, this.#retryPolicy, key, source, { once, signal, md5 })
      } else {
        const wait = { signal, timeout: this.#retryPolicy.uploadRetryTime }
        await withPart(source, { start: 0, length: source.size }, wait, (part) =>
          this.#putWhole(key, part, options),
        )
      }
      return 'created'
    } catch (error) {
      if (error instanceof ObjectChanged && once) return 'exists'
      throw error
    }
  }

  async swap(key: string, bytes: Uint8Array, expected: string | null, signal: AbortSignal): Promise<string> {
    const made = await this.#insert(key, bytes, md5OfBytes(bytes), expected ?? '0', signal)
    return made.generation
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#gcs.send(this.#gcs.url(key), { method: 'DELETE', key, signal })
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
    }
  }

  async close(): Promise<void> {
    await this.#gcs.close()
  }

  #upload(signal: AbortSignal | undefined): AttemptOptions {
    return { signal, ...ofUploads(this.#retryPolicy) }
  }

  async #putWhole(key: string, { bytes, attempts }: LoadedPart, { once, signal }: PutOptions): Promise<void> {
    const md5 = md5OfBytes(bytes)
    await withRetries(
      this.#retryPolicy,
      (ending, progress) => this.#insert(key, bytes, md5, once ? '0' : undefined, ending, progress),
      { ...this.#upload(signal), ...attempts },
    )
  }

  /**
   * One request: the metadata and the bytes as the two parts of a multipart/related body.
   *
   * @param generation that must be there; '0': no object
   */
  async #insert(
    key: string,
    bytes: Uint8Array,
    md5: string,
    generation: string | undefined,
    signal: AbortSignal,
    progress: () => void = () => undefined,
  ): Promise<GcsObject> {
    const boundary = randomUUID()
    const part = (type: string): string => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`
    const facts = JSON.stringify({ name: key, md5Hash: md5 })
    const head = Buffer.from(`${part('application/json')}${facts}\r\n${part('application/octet-stream')}`)
    const end = Buffer.from(`\r\n--${boundary}--\r\n`)
    const body = {
      blocks: multipartBody(head, sentBlocks(bytes, progress), end),
      length: head.byteLength + bytes.byteLength + end.byteLength,
    }
    const condition = generation === undefined ? {} : { ifGenerationMatch: generation }
    const url = this.#gcs.url(undefined, { uploadType: 'multipart', name: key, ...condition }, true)
    const headers = { 'content-type': `multipart/related; boundary=${boundary}` }
    const made = await this.#gcs.json<GcsObject>(url, { method: 'POST', headers, body, key, signal })
    checkArrival(made, bytes.byteLength, md5)
    return made
  }
}

async function* multipartBody(
  head: Uint8Array,
  blocks: AsyncIterable<Uint8Array>,
  end: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield head
  yield* blocks
  yield end
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** MD5 is what Google compares, and has to know before the bytes; the SHA-256 is compared by whoever reads. */
async function md5Of(source: UploadSource): Promise<string> {
  const hash = createHash('md5')
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, source.size))
  for (let start = 0; start < source.size; start += block.byteLength) {
    const some = block.subarray(0, source.size - start)
    await source.readInto(some, start)
    hash.update(some)
  }
  return hash.digest('base64')
}

/** How much of a source is hashed at once. */
const BLOCK_BYTES = 256 * 1024

function md5OfBytes(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}
