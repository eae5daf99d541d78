import { isObjectKey } from './object-key.ts'
import type { AzureSettings, GcsSettings, S3Settings, StoreSettings } from './store-settings.ts'

/** Environment variables, by name; an empty one counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment does not say. */
export interface StoreSettingsOptions {
  /** Where uploads to a cloud wait; without it the store only reads. */
  spool?: string
}

/** Settings, or everything that is wrong with them: each a sentence that names the variable. */
export type StoreSettingsResult<Settings = StoreSettings> =
  { settings: Settings; mistakes?: undefined } | { settings?: undefined; mistakes: string[] }

/** The clouds by Rasa's names for `--remote-storage`. */
export type CloudKind = 'aws' | 'gcs' | 'azure'

export function isCloudKind(kind: string): kind is CloudKind {
  return ['aws', 'gcs', 'azure'].includes(kind)
}

/** Reads the settings of a cloud from the variables that Rasa reads. */
export function readStoreSettings(
  env: Environment,
  kind: CloudKind,
  options: StoreSettingsOptions = {},
): StoreSettingsResult {
  const reader = new SettingsReader(env)
  const place: Place = {
    bucket: reader.required(
      kind === 'azure' ? 'AZURE_CONTAINER' : 'BUCKET_NAME',
      `the name of the ${bucketWord(kind)}`,
    ),
    folder: reader.folder('REMOTE_STORAGE_PATH', reader.optional('REMOTE_STORAGE_PATH') ?? ''),
  }
  return reader.result(readCloud(reader, kind, place, options))
}

/**
 * Reads the settings of a cloud from a URL, `s3://bucket/folder`, `gs://bucket/folder` or `azure://container/folder`,
 * and how to get in from the variables that Rasa reads.
 *
 * @param setting the variable or option that the URL came from, for messages
 */
export function readStoreUrl(
  url: string,
  setting: string,
  env: Environment,
  options: StoreSettingsOptions = {},
): StoreSettingsResult {
  const reader = new SettingsReader(env)
  const [, scheme, bucket, path = ''] = /^([a-z0-9]+):\/\/([^/?#]+)(?:\/(.*))?$/.exec(url) ?? []
  const kind = kindByScheme[scheme ?? '']
  if (!kind || bucket === undefined) {
    return {
      mistakes: [
        `${setting} is "${url}": expected s3://bucket/folder, gs://bucket/folder or azure://container/folder`,
      ],
    }
  }
  const place: Place = { bucket, folder: reader.folder(setting, path), bucketSetting: setting }
  return reader.result(readCloud(reader, kind, place, options))
}

const kindByScheme: Record<string, CloudKind | undefined> = {
  s3: 'aws',
  aws: 'aws',
  gs: 'gcs',
  gcs: 'gcs',
  azure: 'azure',
}

interface Place {
  bucket: string
  folder: string
  bucketSetting?: string
}

function readCloud(
  reader: SettingsReader,
  kind: CloudKind,
  { bucket, folder, bucketSetting }: Place,
  { spool }: StoreSettingsOptions,
): StoreSettings {
  const shared = {
    ...(folder === '' ? {} : { folder }),
    ...(bucketSetting === undefined ? {} : { bucketSetting }),
    ...(spool === undefined ? {} : { spool }),
  }
  switch (kind) {
    case 'aws':
      return { ...readS3(reader), bucket, ...shared }
    case 'gcs':
      return { ...readGcs(reader), bucket, ...shared }
    case 'azure':
      return { ...readAzure(reader), container: bucket, ...shared }
  }
}

function readS3(reader: SettingsReader): Omit<S3Settings, 'bucket'> {
  const accessKeyId = reader.optional('AWS_ACCESS_KEY_ID')
  const secretAccessKey = reader.optional('AWS_SECRET_ACCESS_KEY')
  const sessionToken = reader.optional('AWS_SESSION_TOKEN')
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    reader.mistakes.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or neither')
  }
  const region = reader.optional('AWS_DEFAULT_REGION') ?? reader.optional('AWS_REGION')
  const endpointUrl = reader.url('AWS_ENDPOINT_URL')
  const checksums = reader.optional('AWS_REQUEST_CHECKSUM_CALCULATION')?.toLowerCase()
  if (checksums !== undefined && !['when_supported', 'when_required'].includes(checksums)) {
    reader.mistakes.push('AWS_REQUEST_CHECKSUM_CALCULATION is WHEN_SUPPORTED or WHEN_REQUIRED')
  }
  return {
    kind: 'aws',
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(checksums === 'when_required' ? { checksums: 'when-required' } : {}),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
        }),
  }
}

function readGcs(reader: SettingsReader): Omit<GcsSettings, 'bucket'> {
  const overridden = reader.url('SLIPWAY_GCS_ENDPOINT_URL')
  // Google's libraries take a bare host there. No token may go to an emulator.
  const emulator = overridden === undefined ? reader.url('STORAGE_EMULATOR_HOST', 'http://') : undefined
  const endpointUrl = overridden ?? emulator
  const keyFile = emulator === undefined ? reader.optional('GOOGLE_APPLICATION_CREDENTIALS') : undefined
  return {
    kind: 'gcs',
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
}

function readAzure(reader: SettingsReader): Omit<AzureSettings, 'container'> {
  const endpointUrl = reader.url('SLIPWAY_AZURE_ENDPOINT_URL')
  const accountName = reader.required('AZURE_ACCOUNT_NAME', 'the name of the storage account')
  const accountKey = reader.required('AZURE_ACCOUNT_KEY', 'the key of the storage account, in base64')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(accountKey)) reader.mistakes.push('AZURE_ACCOUNT_KEY is not base64')
  return { kind: 'azure', accountName, accountKey, ...(endpointUrl === undefined ? {} : { endpointUrl }) }
}

function bucketWord(kind: CloudKind): string {
  return kind === 'azure' ? 'container' : 'bucket'
}

/** Reads variables and collects what is wrong with them. */
class SettingsReader {
  readonly mistakes: string[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  result(settings: StoreSettings): StoreSettingsResult {
    return this.mistakes.length > 0 ? { mistakes: this.mistakes } : { settings }
  }

  optional(name: string): string | undefined {
    const value = this.#env[name]?.trim()
    return value === '' ? undefined : value
  }

  required(name: string, what: string): string {
    const value = this.optional(name)
    if (value === undefined) this.mistakes.push(`${name} is not set: expected ${what}`)
    return value ?? ''
  }

  url(name: string, assumedScheme = ''): string | undefined {
    const value = this.optional(name)
    if (value === undefined) return undefined
    const url = assumedScheme !== '' && !value.includes('://') ? assumedScheme + value : value
    if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url
    this.mistakes.push(`${name} is "${value}": expected a URL with http:// or https://`)
    return undefined
  }

  folder(name: string, value: string): string {
    const folder = value.replace(/^\/+|\/+$/g, '')
    if (folder === '' || isObjectKey(folder)) return folder
    this.mistakes.push(`${name} names the folder "${value}": expected names with a slash between`)
    return ''
  }
}
