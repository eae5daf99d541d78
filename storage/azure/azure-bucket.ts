import type { BlobRequestConditions, BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { toAzureStoreError } from './azure-error.ts'
import type { Bucket, Download, GetOptions, ListedPage, PutOptions, UploadSource } from '../bucket/bucket.ts'
import { discardBody } from '../bucket/discard-body.ts'
import { partSize } from '../bucket/part-buffers.ts'
import { ofUploads, partsOf, sentBlocks, uploadParts, withPart } from '../bucket/upload-parts.ts'
import { ifMatchHeader, versionOf, wholeSeconds, wholeSize } from '../bucket/download-headers.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound, StoreUnavailable } from '../object-store.ts'
import type { RetryPolicy } from '../bucket/retry-policy.ts'
import type { Attempt, AttemptOptions } from '../bucket/with-retries.ts'
import { whileStoreAnswers } from '../bucket/while-store-answers.ts'
import { withRetries } from '../bucket/with-retries.ts'
import type { AzureSettings } from '../store-settings.ts'

/** A container of Azure Blob Storage. */
export class AzureBucket implements Bucket {
  readonly description: string
  readonly #container: ContainerClient
  readonly #settings: AzureSettings
  readonly #retryPolicy: RetryPolicy

  constructor(container: ContainerClient, settings: AzureSettings, retryPolicy: RetryPolicy) {
    this.#container = container
    this.#settings = settings
    this.#retryPolicy = retryPolicy
    this.description = `azure container ${settings.container} at ${settings.endpointUrl ?? settings.accountName}`
  }

  async list(prefix: string, cursor: string | undefined, abortSignal: AbortSignal): Promise<ListedPage> {
    const pages = this.#container
      .listBlobsFlat({ prefix, abortSignal })
      .byPage({ maxPageSize: 1000, ...(cursor === undefined ? {} : { continuationToken: cursor }) })
    const result = await this.#once(() => pages.next())
    if (result.done === true) return { objects: [] }
    const page = result.value
    const objects = page.segment.blobItems.map(({ name, properties }) => toAzureStat(name, properties))
    return { objects, next: page.continuationToken === '' ? undefined : page.continuationToken }
  }

  async head(key: string, abortSignal: AbortSignal): Promise<ObjectStat | undefined> {
    try {
      const found = await this.#once(() => this.#blob(key).getProperties({ abortSignal }), key)
      return toAzureStat(key, found)
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  async get(key: string, { range, ifVersion }: GetOptions, abortSignal: AbortSignal): Promise<Download> {
    const ifMatch = ifMatchHeader(ifVersion)
    const conditions = ifMatch === undefined ? {} : { ifMatch }
    const found = await this.#once(
      () => this.#blob(key).download(range?.start, range?.length, { conditions, abortSignal }),
      key,
    )
    const body = found.readableStreamBody
    if (!(body instanceof Readable)) throw new StoreUnavailable('Azure answered without a body')
    try {
      const size = wholeSize(key, range, found.contentRange, found.contentLength)
      const { etag, lastModified } = found
      return { stat: toAzureStat(key, { contentLength: size, etag, lastModified }), body }
    } catch (error) {
      discardBody(body)
      throw error
    }
  }

  async put(key: string, source: UploadSource, options: PutOptions): Promise<'created' | 'exists'> {
    try {
      if (source.size > partSize) await this.#putBlocks(key, source, options)
      else await this.#putWhole(key, source, options)
      return 'created'
    } catch (error) {
      // Azure says 409 BlobAlreadyExists where others say 412.
      if (error instanceof ObjectChanged && options.once) return 'exists'
      throw error
    }
  }

  async swap(
    key: string,
    bytes: Uint8Array,
    expected: string | null,
    abortSignal: AbortSignal,
  ): Promise<string> {
    const ifMatch = ifMatchHeader(expected ?? undefined)
    const md5 = md5Of(bytes)
    const made = await this.#once(
      () =>
        this.#blob(key).upload(bytes, bytes.byteLength, {
          conditions: ifMatch === undefined ? createOnce(true) : { ifMatch },
          transactionalContentMD5: md5,
          blobHTTPHeaders: { blobContentMD5: md5 },
          abortSignal,
        }),
      key,
    )
    return versionOf(made.etag, bytes.byteLength, wholeSeconds(made.lastModified))
  }

  async remove(key: string, abortSignal: AbortSignal): Promise<void> {
    await this.#once(() => this.#blob(key).deleteIfExists({ deleteSnapshots: 'include', abortSignal }), key)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #putWhole(key: string, source: UploadSource, { once, signal }: PutOptions): Promise<void> {
    const wait = { signal, timeout: this.#retryPolicy.uploadRetryTime }
    await withPart(source, { start: 0, length: source.size }, wait, async ({ bytes, attempts }) => {
      const md5 = md5Of(bytes)
      await this.#upload(key, { signal, ...attempts }, (abortSignal, progress) =>
        this.#blob(key).upload(bodyOf(bytes, progress), bytes.byteLength, {
          conditions: createOnce(once),
          transactionalContentMD5: md5,
          blobHTTPHeaders: { blobContentMD5: md5 },
          abortSignal,
        }),
      )
    })
  }

  async #putBlocks(key: string, source: UploadSource, { once, signal }: PutOptions): Promise<void> {
    const blob = this.#blob(key)
    // Azure itself would refuse only when all blocks are there.
    if (once && (await this.#upload(key, { signal }, (ending) => this.head(key, ending)))) {
      throw new ObjectChanged(key)
    }
    // Uncommitted blocks of all writers lie side by side: names of our own, all of one length, as Azure demands.
    // Those that are never committed go by themselves after a week.
    const upload = randomUUID()
    const parts = partsOf(source.size, 45_000)
    const wait = { signal, timeout: this.#retryPolicy.uploadRetryTime }
    const blocks = await uploadParts(source, parts, wait, async ({ bytes, attempts }, index, ending) => {
      const block = Buffer.from(`${upload}-${String(index).padStart(5, '0')}`).toString('base64')
      const options = { transactionalContentMD5: md5Of(bytes) }
      await this.#upload(key, { signal: ending, ...attempts }, (abortSignal, progress) =>
        blob.stageBlock(block, bodyOf(bytes, progress), bytes.byteLength, { ...options, abortSignal }),
      )
      return block
    })
    await this.#upload(key, { signal, isLongWork: true }, (abortSignal, progress) =>
      whileStoreAnswers(
        this.#retryPolicy,
        blob.commitBlockList(blocks, { conditions: createOnce(once), abortSignal }),
        (ending) => this.head(key, ending),
        progress,
      ),
    )
  }

  /** Makes a request of an upload, as often as it is worth it. */
  async #upload<T>(key: string, wait: Omit<AttemptOptions, 'retryTime'>, request: Attempt<T>): Promise<T> {
    return await withRetries(
      this.#retryPolicy,
      (ending, progress) => this.#once(() => request(ending, progress), key),
      { ...ofUploads(this.#retryPolicy), ...wait },
    )
  }

  /** Makes one request; its errors come in the words of the port. */
  async #once<T>(request: () => Promise<T>, key?: string): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw toAzureStoreError(error, this.#settings, key)
    }
  }

  #blob(key: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(key)
  }
}

interface AzureProperties {
  contentLength?: number | undefined
  etag?: string | undefined
  lastModified?: Date | undefined
}

function toAzureStat(
  key: string,
  { contentLength: size = 0, etag, lastModified }: AzureProperties,
): ObjectStat {
  const modifiedAt = wholeSeconds(lastModified)
  return { key, size, version: versionOf(etag, size, modifiedAt), modifiedAt }
}

function createOnce(once: boolean): BlobRequestConditions {
  return once ? { ifNoneMatch: '*' } : {}
}

/** MD5 is what Azure compares; the SHA-256 of the whole is compared by whoever reads. */
function md5Of(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest()
}

/** Bytes as the body of a request that tells how they get on. */
function bodyOf(bytes: Uint8Array, progress: () => void): () => Readable {
  return () => Readable.from(sentBlocks(bytes, progress))
}
