import type * as awsS3 from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import { versionOf, wholeSeconds } from '../bucket/download-headers.ts'
import type { ObjectStat } from '../object-store.ts'
import { ObjectNotFound } from '../object-store.ts'
import type { Patience } from '../bucket/patience.ts'
import { attempt } from '../bucket/patience.ts'
import { toS3StoreError } from './s3-error.ts'
import type { S3Settings } from '../store-settings.ts'

/** The S3 SDK, loaded only where S3 was chosen. */
export type S3Sdk = typeof awsS3

/** A client of S3 with what all its requests have in common. */
export class S3Connection {
  readonly sdk: S3Sdk
  readonly client: awsS3.S3Client
  readonly settings: S3Settings
  readonly patience: Patience

  constructor(sdk: S3Sdk, client: awsS3.S3Client, settings: S3Settings, patience: Patience) {
    this.sdk = sdk
    this.client = client
    this.settings = settings
    this.patience = patience
  }

  /** Makes one request; its errors come in the words of the port. */
  async once<T>(request: () => Promise<T>, key?: string): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw toS3StoreError(error, this.settings, key)
    }
  }

  /** Makes a request that sends bytes, as often as it is worth it. */
  async upload<T>(
    key: string,
    request: (abortSignal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const deadline = 10 * this.patience.answer
    return await attempt(this.patience, (ending) => this.once(() => request(ending), key), {
      signal,
      deadline,
    })
  }

  async head(key: string, abortSignal: AbortSignal): Promise<ObjectStat | undefined> {
    try {
      const command = new this.sdk.HeadObjectCommand({ Bucket: this.settings.bucket, Key: key })
      const found = await this.once(() => this.client.send(command, { abortSignal }), key)
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
