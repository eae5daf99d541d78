import type { RetryPolicy } from './bucket/retry-policy.ts'

/** Which store, where, and how to get in. */
export type StoreSettings = FilesystemSettings | S3Settings | GcsSettings | AzureSettings

export interface FilesystemSettings {
  kind: 'filesystem'
  root: string
}

/** What all clouds have in common. */
interface CloudSettings {
  /** Prefix of all keys, without slashes at its ends; none when absent. */
  folder?: string
  /** A local folder where uploads wait, for this store alone; without one the store only reads. */
  spool?: string
  retryPolicy?: RetryPolicy
}

/** Amazon S3, or a server that speaks like it. */
export interface S3Settings extends CloudSettings {
  kind: 'aws'
  bucket: string
  /** The setting that named the bucket, for error messages; `BUCKET_NAME` when absent. */
  bucketSetting?: string
  region?: string
  /** Another server than Amazon's; the bucket then goes into the path. */
  endpointUrl?: string
  /** When absent, the SDK looks where it always does: profiles, web identity, instance roles. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** `when-required` for servers that refuse the SDK's checksum headers (Ceph 16); `when-supported` when absent. */
  checksums?: 'when-supported' | 'when-required'
}

/** Google Cloud Storage. */
export interface GcsSettings extends CloudSettings {
  kind: 'gcs'
  bucket: string
  bucketSetting?: string
  /** Another server than Google's, an emulator; asked without credentials unless there is a key file. */
  endpointUrl?: string
  /** A service account's key; when absent, the default credentials of the machine. */
  keyFile?: string
}

/** Azure Blob Storage. */
export interface AzureSettings extends CloudSettings {
  kind: 'azure'
  container: string
  bucketSetting?: string
  accountName: string
  accountKey: string
  /** Another server than `https://{accountName}.blob.core.windows.net`. */
  endpointUrl?: string
}
