import { BucketStore } from '../bucket/bucket-store.ts'
import { loadSdk } from '../load-sdk.ts'
import { StoreMisconfigured } from '../object-store.ts'
import { defaultRetryPolicy } from '../bucket/retry-policy.ts'
import { credentialsOfMachine } from './s3-credentials.ts'
import { S3Bucket } from './s3-bucket.ts'
import { S3Connection } from './s3-connection.ts'
import { Spool } from '../bucket/spool.ts'
import type { S3Settings } from '../store-settings.ts'

/** Objects in a bucket of S3, or of any server that speaks like it. Loads the SDK; asks the server nothing yet. */
export async function openS3Store(settings: S3Settings): Promise<BucketStore> {
  const sdk = await loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
  const { endpointUrl, region, credentials, checksums, spool, folder = '' } = settings
  const retryPolicy = settings.retryPolicy ?? defaultRetryPolicy
  const regionOrAny = region ?? (endpointUrl === undefined ? undefined : 'us-east-1')
  if (endpointUrl !== undefined && !URL.canParse(endpointUrl)) {
    throw new StoreMisconfigured(`"${endpointUrl}" is no URL: check AWS_ENDPOINT_URL`)
  }
  const machine = { logger: silence, ...(regionOrAny === undefined ? {} : { region: regionOrAny }) }
  const client = new sdk.S3Client({
    ...machine,
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl, forcePathStyle: true }),
    credentials: credentials ?? credentialsOfMachine(sdk, machine, retryPolicy.answerTimeout),
    // Repeating is ours, the same for all clouds; the SDK would print a line for each body that it cannot send twice.
    maxAttempts: 1,
    requestChecksumCalculation: checksums === 'when-required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED',
    // Whoever reads compares the SHA-256 of the whole: a second checksum on the way would prove nothing more.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(5000, retryPolicy.answerTimeout),
      // Slow readers hold their connections; nobody is to wait in line behind them, least of all the renewal of the lease.
      // Downloads and uploads are bounded where they are let in, as for the other clouds.
      httpAgent: { keepAlive: true, maxSockets: Infinity },
      httpsAgent: { keepAlive: true, maxSockets: Infinity },
    },
  })
  const bucket = new S3Bucket(new S3Connection(sdk, client, settings, retryPolicy))
  return new BucketStore(bucket, {
    folder,
    spool: spool === undefined ? undefined : new Spool(spool),
    retryPolicy,
  })
}

const say = (): void => undefined
const silence = { trace: say, debug: say, info: say, warn: say, error: say }
