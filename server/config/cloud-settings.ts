import { z } from 'zod'
import { bytesOrNone, duration, oneOf, setting } from './setting.ts'

/** Read by storage/read-store-settings.ts, and only where a cloud is chosen: listed here for people. */
const ofCloud = (description: string) => setting(z.string().optional(), 'not set', description)

/** A value that is never shown, whatever characters it has. */
const secretOfCloud = (description: string) => ({ ...ofCloud(description), secret: true as const })

/** The variables that say where archives lie, and what comes from and goes to other buckets. Clouds by Rasa's names. */
export const CLOUD_SETTINGS = {
  STORAGE: setting(
    oneOf(['filesystem', 'aws', 'gcs', 'azure']).default('filesystem'),
    'filesystem',
    'Where archives are stored: filesystem is DATA_DIR, the others are clouds, configured as Rasa is.',
  ),
  BUCKET_NAME: ofCloud('The bucket of aws and gcs.'),
  REMOTE_STORAGE_PATH: ofCloud('A folder in the bucket or container, in which everything lies.'),
  AWS_ACCESS_KEY_ID: ofCloud('aws: the access key ID; without it, the SDK uses its usual sources.'),
  AWS_SECRET_ACCESS_KEY: secretOfCloud('aws: the secret of that key.'),
  AWS_SESSION_TOKEN: secretOfCloud('aws: goes with keys that expire.'),
  AWS_DEFAULT_REGION: ofCloud('aws: where the bucket is.'),
  AWS_ENDPOINT_URL: ofCloud('aws: another server that speaks S3.'),
  AWS_REQUEST_CHECKSUM_CALCULATION: ofCloud(
    'aws: WHEN_REQUIRED for servers that refuse checksums (Ceph 16); WHEN_SUPPORTED is safer.',
  ),
  GOOGLE_APPLICATION_CREDENTIALS: ofCloud(
    'gcs: the key file of a service account; without it, the default credentials of the machine.',
  ),
  SLIPWAY_GCS_ENDPOINT_URL: ofCloud('gcs: another server, such as an emulator.'),
  AZURE_CONTAINER: ofCloud('azure: the container.'),
  AZURE_ACCOUNT_NAME: ofCloud('azure: the storage account.'),
  AZURE_ACCOUNT_KEY: secretOfCloud('azure: its key, in base64.'),
  SLIPWAY_AZURE_ENDPOINT_URL: ofCloud('azure: another server, such as an emulator.'),
  SLIPWAY_CACHE_BYTES: setting(
    bytesOrNone.prefault('10GiB'),
    '10GiB',
    'How much of a cloud is kept in DATA_DIR/cache, so that a hundred bots cost one read of the bucket; 0: nothing.',
  ),
  SLIPWAY_IMPORT: setting(
    z.string().optional(),
    'not set: nothing is imported',
    'A bucket folder whose archives are published: s3://bucket/folder, gs://bucket/folder, azure://container/folder.',
  ),
  SLIPWAY_IMPORT_INTERVAL: setting(
    duration(604_800, 'seconds').prefault('30'),
    '30',
    'Seconds between looks into SLIPWAY_IMPORT, at most 604800 (7 days).',
  ),
  SLIPWAY_EXPORT: setting(
    z.string().optional(),
    'not set: nothing is exported',
    'A bucket folder where the archive of each tag lies under a fixed name, written as SLIPWAY_IMPORT is.',
  ),
  SLIPWAY_EXPORT_NAME: setting(
    z.string().default('{tag}.tar.gz'),
    '{tag}.tar.gz',
    'That name; where it has no {model}, models other than default get a folder of their own.',
  ),
  SLIPWAY_EXPORT_TAGS: setting(
    z.string().optional(),
    'not set: every tag but latest',
    'The tags that are exported, with commas between.',
  ),
  SLIPWAY_BACKUP_TO: setting(
    z.string().optional(),
    'the bucket of STORAGE; not set with filesystem',
    'Where the server backs up its catalog by itself: a folder, s3://bucket/folder (gs://, azure://), or off.',
  ),
  SLIPWAY_BACKUP_INTERVAL: setting(
    duration(10_080, 'minutes').prefault('60'),
    '60',
    'Minutes between two of these backups, at most 10080 (a week).',
  ),
} as const
