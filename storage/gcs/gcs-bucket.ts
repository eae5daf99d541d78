import { createHash, randomUUID } from 'node:crypto'
import type { Bucket, Download, GetOptions, ListedPage, PutOptions, UploadSource } from '../bucket/bucket.ts'
import { partSize } from '../bucket/bucket.ts'
import { byteRangeHeader, wholeSize } from '../bucket/download-headers.ts'
import type { GcsConnection } from './gcs-connection.ts'
import type { GcsObject } from './gcs-object.ts'
import { checkArrival, toGcsStat } from './gcs-object.ts'
import { putResumable } from './gcs-resumable.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound } from '../object-store.ts'
import type { Patience } from '../bucket/patience.ts'
import { attempt } from '../bucket/patience.ts'

/** A bucket of Google Cloud Storage. */
export class GcsBucket implements Bucket {
  readonly description: string
  readonly #gcs: GcsConnection
  readonly #patience: Patience

  constructor(connection: GcsConnection, patience: Patience) {
    this.#gcs = connection
    this.#patience = patience
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
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  async get(key: string, { range, ifVersion }: GetOptions, signal: AbortSignal): Promise<Download> {
    // The metadata first, then exactly that generation: a download's headers do not say when it was made.
    const stat = await this.head(key, signal)
    if (!stat) throw new ObjectNotFound(key)
    if (ifVersion !== undefined && stat.version !== ifVersion) throw new ObjectChanged(key)
    const { headers, body } = await this.#gcs.send(
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
      body.destroy()
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
        (await attempt(this.#patience, (ending) => this.head(key, ending), { signal }))
      ) {
        return 'exists'
      }
      const md5 = await md5Of(source)
      if (isLarge) await putResumable(this.#gcs, this.#patience, key, source, { once, signal, md5 })
      else await this.#putWhole(key, await source.part(0, source.size), md5, options)
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
      const { body } = await this.#gcs.send(this.#gcs.url(key), { method: 'DELETE', key, signal })
      await body.resume().toArray()
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
    }
  }

  async close(): Promise<void> {
    await this.#gcs.close()
  }

  async #putWhole(key: string, bytes: Uint8Array, md5: string, { once, signal }: PutOptions): Promise<void> {
    await attempt(this.#patience, (ending) => this.#insert(key, bytes, md5, once ? '0' : undefined, ending), {
      signal,
      deadline: 10 * this.#patience.answer,
    })
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
  ): Promise<GcsObject> {
    const boundary = randomUUID()
    const part = (type: string): string => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`
    const body = Buffer.concat([
      Buffer.from(`${part('application/json')}${JSON.stringify({ name: key, md5Hash: md5 })}\r\n`),
      Buffer.from(part('application/octet-stream')),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    const condition = generation === undefined ? {} : { ifGenerationMatch: generation }
    const url = this.#gcs.url(undefined, { uploadType: 'multipart', name: key, ...condition }, true)
    const headers = { 'content-type': `multipart/related; boundary=${boundary}` }
    const made = await this.#gcs.json<GcsObject>(url, { method: 'POST', headers, body, key, signal })
    checkArrival(made, bytes.byteLength, md5)
    return made
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** MD5 is what Google compares, and has to know before the bytes; the SHA-256 is compared by whoever reads. */
async function md5Of(source: UploadSource): Promise<string> {
  const hash = createHash('md5')
  for (let start = 0; start < source.size; start += partSize) {
    hash.update(await source.part(start, Math.min(partSize, source.size - start)))
  }
  return hash.digest('base64')
}

function md5OfBytes(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}
