import {
  BucketFull,
  isStoreError,
  ObjectChanged,
  ObjectNotFound,
  StoreMisconfigured,
  StoreUnavailable,
} from '../object-store.ts'
import type { GcsSettings } from '../store-settings.ts'

/** An answer of Google Cloud Storage that is no success, in the words of the port. */
export function toGcsStoreError(status: number, body: string, settings: GcsSettings, key?: string): Error {
  const reason = reasonOf(body)
  const misconfigured = (what: string): StoreMisconfigured =>
    new StoreMisconfigured(`${what} (${status} ${reason})`)
  const transient = (): StoreUnavailable =>
    new StoreUnavailable(`Google Cloud Storage cannot be used now (${status} ${reason})`)

  if (status === 404 && (key === undefined || isAboutBucket(reason, settings.bucket, key))) {
    return misconfigured(
      `there is no bucket "${settings.bucket}": check ${settings.bucketSetting ?? 'BUCKET_NAME'} and SLIPWAY_GCS_ENDPOINT_URL`,
    )
  }
  if (key !== undefined && status === 404) return new ObjectNotFound(key)
  if (key !== undefined && status === 412) return new ObjectChanged(key)
  if (status === 403 && /rate ?limit|user ?rate/i.test(body)) return transient()
  if (status === 403 && /quota/i.test(body)) return new BucketFull(`the bucket is full (${reason})`)
  if (status === 401 || status === 403) {
    return misconfigured(
      `the bucket "${settings.bucket}" does not let us in: check GOOGLE_APPLICATION_CREDENTIALS and its rights`,
    )
  }
  // Damaged on its way.
  if (status === 400 && /md5|crc32c/i.test(reason)) return transient()
  if (status === 408 || status === 409 || status === 410 || status === 429 || status >= 500)
    return transient()
  return new Error(`Google Cloud Storage refused a request (${status} ${reason})`)
}

/** Whether a 404 is of the bucket: `The specified bucket does not exist.`; names of buckets and objects may say anything. */
function isAboutBucket(reason: string, bucket: string, key: string): boolean {
  return /bucket/i.test(reason.replaceAll(`${bucket}/${key}`, ''))
}

/** What went wrong before or while an answer came, in the words of the port. */
export function toGcsNetworkError(error: unknown, settings: GcsSettings): unknown {
  if (!(error instanceof Error) || isOurs(error)) return error
  const at = settings.endpointUrl === undefined ? '' : ` at ${settings.endpointUrl}`
  return new StoreUnavailable(`Google Cloud Storage${at} cannot be reached (${error.message})`, {
    cause: error,
  })
}

function isOurs(error: Error): boolean {
  return isStoreError(error) || error.message.startsWith('Google Cloud Storage refused')
}

function reasonOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string } | string }
    return (typeof error === 'string' ? error : error?.message) ?? body.slice(0, 200)
  } catch {
    return body.slice(0, 200)
  }
}
