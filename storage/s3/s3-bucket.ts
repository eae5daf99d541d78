import type { GetObjectCommandOutput, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import type { Bucket, Download, GetOptions, ListedPage, PutOptions, UploadSource } from '../bucket/bucket.ts'
import { NoCreateOnce } from '../bucket/bucket.ts'
import { discardBody } from '../bucket/discard-body.ts'
import { partSize } from '../bucket/part-buffers.ts'
import { withPart } from '../bucket/upload-parts.ts'
import { byteRangeHeader, ifMatchHeader, versionOf, wholeSize } from '../bucket/download-headers.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound, StoreUnavailable } from '../object-store.ts'
import type { S3Connection } from './s3-connection.ts'
import { sha256Of, signPayload, toS3Stat } from './s3-connection.ts'
import { statusOf } from './http-status.ts'
import { putInParts } from './s3-parts.ts'

/** A bucket of S3, or of a server that speaks like it. */
export class S3Bucket implements Bucket {
  readonly description: string
  readonly #s3: S3Connection
  readonly #name: string

  constructor(connection: S3Connection) {
    this.#s3 = connection
    const { bucket, endpointUrl, region } = connection.settings
    this.#name = bucket
    const at = endpointUrl ?? region
    this.description = `s3 bucket ${bucket}${at === undefined ? '' : ` at ${at}`}`
  }

  async list(prefix: string, cursor: string | undefined, abortSignal: AbortSignal): Promise<ListedPage> {
    const { sdk, client } = this.#s3
    const command = new sdk.ListObjectsV2Command({
      Bucket: this.#name,
      Prefix: prefix,
      ContinuationToken: cursor,
    })
    const page = await this.#s3.once(() => client.send(command, { abortSignal }))
    const objects = (page.Contents ?? []).map(({ Key = '', Size = 0, ETag, LastModified }) =>
      toS3Stat(Key, Size, ETag, LastModified),
    )
    return { objects, next: page.IsTruncated ? page.NextContinuationToken : undefined }
  }

  head(key: string, signal: AbortSignal): Promise<ObjectStat | undefined> {
    return this.#s3.head(key, signal)
  }

  async get(key: string, { range, ifVersion }: GetOptions, abortSignal: AbortSignal): Promise<Download> {
    const { sdk, client } = this.#s3
    const ifMatch = ifMatchHeader(ifVersion)
    const command = new sdk.GetObjectCommand({
      Bucket: this.#name,
      Key: key,
      ...(range ? { Range: byteRangeHeader(range) } : {}),
      ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
    })
    const found = await this.#s3.once(() => client.send(command, { abortSignal }), key)
    const body = bodyOf(found)
    try {
      const size = wholeSize(key, range, found.ContentRange, found.ContentLength)
      const stat = toS3Stat(key, size, found.ETag, found.LastModified)
      if (ifVersion !== undefined && stat.version !== ifVersion) throw new ObjectChanged(key)
      return { stat, body }
    } catch (error) {
      discardBody(body)
      throw error
    }
  }

  async put(key: string, source: UploadSource, options: PutOptions): Promise<'created' | 'exists'> {
    try {
      if (source.size > partSize) await putInParts(this.#s3, key, source, options)
      else await this.#putWhole(key, source, options)
      return 'created'
    } catch (error) {
      if (error instanceof ObjectChanged && options.once) return 'exists'
      if (statusOf(error) === 501 && options.once) {
        throw new NoCreateOnce(`${this.description} knows no If-None-Match on uploads`, { cause: error })
      }
      throw error
    }
  }

  async #putWhole(key: string, source: UploadSource, { sha256, once, signal }: PutOptions): Promise<void> {
    const { sdk, client } = this.#s3
    const hash = Buffer.from(sha256, 'hex')
    const whole = { start: 0, length: source.size }
    const wait = { signal, timeout: this.#s3.retryPolicy.uploadRetryTime }
    await withPart(source, whole, wait, ({ bytes, attempts }) =>
      this.#s3.upload(key, { signal, ...attempts }, (abortSignal, progress) => {
        const command = new sdk.PutObjectCommand({
          Bucket: this.#name,
          Key: key,
          ...this.#s3.body(bytes, progress),
          ...this.#s3.checksum(hash),
          ...(once ? { IfNoneMatch: '*' } : {}),
        })
        signPayload(command, hash)
        return client.send(command, { abortSignal })
      }),
    )
  }

  async swap(
    key: string,
    bytes: Uint8Array,
    expected: string | null,
    abortSignal: AbortSignal,
  ): Promise<string> {
    const ifMatch = ifMatchHeader(expected ?? undefined)
    try {
      const condition = ifMatch === undefined ? { IfNoneMatch: '*' } : { IfMatch: ifMatch }
      return await this.#putSmall(key, bytes, condition, abortSignal)
    } catch (error) {
      // If-Match on an object that is gone: S3 answers 404.
      if (error instanceof ObjectNotFound) throw new ObjectChanged(key)
      if (statusOf(error) !== 501) throw error
    }
    // The server knows no conditions: a look before the write is all that can be had, and keeps nobody apart in a race.
    if (((await this.head(key, abortSignal))?.version ?? null) !== expected) throw new ObjectChanged(key)
    return await this.#putSmall(key, bytes, {}, abortSignal)
  }

  async #putSmall(
    key: string,
    bytes: Uint8Array,
    condition: { IfMatch?: string; IfNoneMatch?: string },
    abortSignal: AbortSignal,
  ): Promise<string> {
    const { sdk, client } = this.#s3
    const command = new sdk.PutObjectCommand({
      Bucket: this.#name,
      Key: key,
      Body: bytes,
      ContentLength: bytes.byteLength,
      ...this.#s3.checksum(sha256Of(bytes)),
      ...condition,
    })
    const { ETag } = await this.#s3.once(() => client.send(command, { abortSignal }), key)
    return versionOf(ETag, bytes.byteLength, 0)
  }

  async remove(key: string, abortSignal: AbortSignal): Promise<void> {
    const { sdk, client } = this.#s3
    const command = new sdk.DeleteObjectCommand({ Bucket: this.#name, Key: key })
    try {
      await this.#s3.once(() => client.send(command, { abortSignal }), key)
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error
    }
  }

  async sweepUploads(
    prefix: string,
    before: number,
    abortSignal: AbortSignal,
    progress: () => void,
  ): Promise<number> {
    const { sdk, client } = this.#s3
    const Bucket = this.#name
    let swept = 0
    let markers: UploadMarkers | undefined = {}
    while (markers) {
      const list: ListMultipartUploadsCommand = new sdk.ListMultipartUploadsCommand({
        Bucket,
        Prefix: prefix,
        ...markers,
      })
      const page = await this.#s3.once(() => client.send(list, { abortSignal }))
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if ((Initiated?.getTime() ?? Infinity) >= before) continue
        const abort = new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })
        await this.#s3.once(() => client.send(abort, { abortSignal }))
        progress()
        swept += 1
      }
      markers = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined
    }
    return swept
  }

  close(): Promise<void> {
    this.#s3.client.destroy()
    return Promise.resolve()
  }
}

interface UploadMarkers {
  KeyMarker?: string | undefined
  UploadIdMarker?: string | undefined
}

function bodyOf({ Body: body }: GetObjectCommandOutput): Readable {
  if (body instanceof Readable) return body
  throw new StoreUnavailable('S3 answered without a body')
}
