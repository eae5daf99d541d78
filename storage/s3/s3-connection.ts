import type * as awsS3 from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { discardBody } from '../bucket/discard-body.ts'
import { versionOf, wholeSeconds } from '../bucket/download-headers.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectNotFound } from '../object-store.ts'
import type { RetryPolicy } from '../bucket/retry-policy.ts'
import type { Attempt, AttemptOptions } from '../bucket/with-retries.ts'
import { withRetries } from '../bucket/with-retries.ts'
import { ofUploads, sentBlocks } from '../bucket/upload-parts.ts'
import { statusOf } from './http-status.ts'
import { toS3StoreError } from './s3-error.ts'
import type { S3Settings } from '../store-settings.ts'

/** The S3 SDK, loaded only where S3 was chosen. */
export type S3Sdk = typeof awsS3

/** A client of S3 with what all its requests have in common. */
export class S3Connection {
  readonly sdk: S3Sdk
  readonly client: awsS3.S3Client
  readonly settings: S3Settings
  readonly retryPolicy: RetryPolicy

  constructor(sdk: S3Sdk, client: awsS3.S3Client, settings: S3Settings, retryPolicy: RetryPolicy) {
    this.sdk = sdk
    this.client = client
    this.settings = settings
    this.retryPolicy = retryPolicy
  }

  /** Makes one request; its errors come in the words of the port. */
  async once<T>(request: () => Promise<T>, key?: string): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw toS3StoreError(error, this.settings, key)
    }
  }

  /** Makes a request of an upload, as often as it is worth it. */
  async upload<T>(key: string, wait: Omit<AttemptOptions, 'retryTime'>, request: Attempt<T>): Promise<T> {
    return await withRetries(
      this.retryPolicy,
      (ending, progress) => this.once(() => request(ending, progress), key),
      { ...ofUploads(this.retryPolicy), ...wait },
    )
  }

  /** Bytes as the body of a request that tells how they get on. */
  body(bytes: Uint8Array, progress: () => void): { Body: Readable; ContentLength: number } {
    return { Body: Readable.from(sentBlocks(bytes, progress)), ContentLength: bytes.byteLength }
  }

  async head(key: string, abortSignal: AbortSignal): Promise<ObjectStat | undefined> {
    const target = { Bucket: this.settings.bucket, Key: key }
    try {
      const found = await this.client.send(new this.sdk.HeadObjectCommand(target), { abortSignal })
      return toS3Stat(key, found.ContentLength ?? 0, found.ETag, found.LastModified)
    } catch (error) {
      if (!unexplained.includes(statusOf(error) ?? 0)) throw toS3StoreError(error, this.settings, key)
      return await this.#headByGet(target, abortSignal)
    }
  }

  /** For the reason of a refusal: an answer to HEAD has no body, and S3 says there whether object, bucket, key or region is wrong. */
  async #headByGet(
    target: { Bucket: string; Key: string },
    abortSignal: AbortSignal,
  ): Promise<ObjectStat | undefined> {
    const { Key: key } = target
    try {
      const get = new this.sdk.GetObjectCommand(target)
      const found = await this.once(() => this.client.send(get, { abortSignal }), key)
      // It has come since.
      if (found.Body instanceof Readable) discardBody(found.Body)
      return toS3Stat(key, found.ContentLength ?? 0, found.ETag, found.LastModified)
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  /** The checksum of a body, where the server takes any; the signature covers its SHA-256 in any case. */
  checksum(sha256: Buffer): { ChecksumSHA256?: string } {
    return this.settings.checksums === 'when-required' ? {} : { ChecksumSHA256: sha256.toString('base64') }
  }
}

/** Statuses that mean one thing or another. */
const unexplained = [301, 400, 401, 403, 404]

/** What S3 says of an object, in one request or another. */
export function toS3Stat(
  key: string,
  size: number,
  etag: string | undefined,
  lastModified: Date | undefined,
): ObjectStat {
  const modifiedAt = wholeSeconds(lastModified)
  return { key, size, version: versionOf(etag, size, modifiedAt), modifiedAt }
}

/** The SHA-256 of some bytes. */
export function sha256Of(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** Signs the body of an upload by the hash that is known already: the SDK would read all of it once more. */
export function signPayload(command: awsS3.PutObjectCommand | awsS3.UploadPartCommand, sha256: Buffer): void {
  const { middlewareStack } = command as awsS3.PutObjectCommand
  middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amz-content-sha256'] = sha256.toString('hex')
      return next(args)
    },
    { step: 'build', name: 'signPayload' },
  )
}
