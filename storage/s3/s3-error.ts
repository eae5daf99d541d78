import {
  BucketFull,
  CredentialsUnavailable,
  isStoreError,
  ObjectChanged,
  ObjectNotFound,
  StoreMisconfigured,
  StoreUnavailable,
} from '../object-store.ts'
import type { S3Settings } from '../store-settings.ts'
import { statusOf } from './http-status.ts'

/** An error of the S3 SDK in the words of the port; `key` is the object it was about, if any. */
export function toS3StoreError(error: unknown, settings: S3Settings, key?: string): unknown {
  // Of a request within a request, or of the credentials.
  if (!(error instanceof Error) || isStoreError(error)) return error
  const { name, message } = error
  const status = statusOf(error)
  const bucketSetting = settings.bucketSetting ?? 'BUCKET_NAME'
  const misconfigured = (what: string): StoreMisconfigured =>
    new StoreMisconfigured(`${what} (${name}: ${message})`, { cause: error })

  if (name === 'NoSuchBucket') {
    return misconfigured(
      `there is no bucket "${settings.bucket}": check ${bucketSetting} and AWS_ENDPOINT_URL`,
    )
  }
  if (name === 'InvalidBucketName')
    return misconfigured(`no bucket can have this name: check ${bucketSetting}`)
  if (name === 'InvalidAccessKeyId' || name === 'XAdminUserNotFound')
    return misconfigured('the access key is unknown: check AWS_ACCESS_KEY_ID')
  if (name === 'SignatureDoesNotMatch') {
    return misconfigured('the secret key does not belong to the access key: check AWS_SECRET_ACCESS_KEY')
  }
  if (name === 'ExpiredToken' && settings.credentials === undefined) {
    // The SDK goes on with what it has where the machine gives no new ones.
    return new CredentialsUnavailable(`the credentials of this machine have expired (${name}: ${message})`, {
      cause: error,
    })
  }
  if (name === 'CredentialsProviderError' || name === 'ExpiredToken' || name === 'InvalidToken') {
    return misconfigured(
      'there are no valid credentials: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
    )
  }
  if (name === 'RequestTimeTooSkewed') return misconfigured('the clock of this machine is wrong: set it')
  if (regionErrors.includes(name) || status === 301 || message === 'Region is missing') {
    return misconfigured(
      `the bucket "${settings.bucket}" is not in the region ${settings.region ?? '(none given)'}: check AWS_DEFAULT_REGION`,
    )
  }
  if (status === 404 && key !== undefined) return new ObjectNotFound(key)
  if (status === 412 && key !== undefined) return new ObjectChanged(key)
  if (status === 401 || status === 403) {
    return misconfigured(
      `the bucket "${settings.bucket}" may not be used that way: check the rights of AWS_ACCESS_KEY_ID`,
    )
  }
  if (status === 507 || fullErrors.includes(name)) {
    return new BucketFull(`the bucket "${settings.bucket}" is full (${name}: ${message})`, { cause: error })
  }
  if (isTransient(name, status, error)) {
    return new StoreUnavailable(
      `S3${settings.endpointUrl ? ` at ${settings.endpointUrl}` : ''} cannot be used now (${name}: ${message})`,
      { cause: error },
    )
  }
  return error
}

function isTransient(name: string, status: number | undefined, error: Error): boolean {
  // What S3 says of an upload whose bytes arrived damaged, or too slowly: not our fault, and worth repeating.
  if (transientErrors.includes(name)) return true
  if (status !== undefined)
    return status === 408 || status === 409 || status === 429 || (status >= 500 && status !== 501)
  // No status: no answer, or none that could be understood. A mistake of ours is a TypeError or the like.
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
}

const regionErrors = [
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'IllegalLocationConstraintException',
]
const fullErrors = ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity']
const transientErrors = [
  'BadDigest',
  'InvalidDigest',
  'IncompleteBody',
  'RequestTimeout',
  'SlowDown',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
]
