import { BucketStore } from '../bucket/bucket-store.ts'
import { googleAuthorization } from './gcs-authorization.ts'
import { GcsBucket } from './gcs-bucket.ts'
import { GcsConnection } from './gcs-connection.ts'
import { StoreMisconfigured } from '../object-store.ts'
import { defaultRetryPolicy } from '../bucket/retry-policy.ts'
import { Spool } from '../bucket/spool.ts'
import type { GcsSettings } from '../store-settings.ts'

/** Objects in a bucket of Google Cloud Storage. Loads Google's library where it has to; asks the server nothing yet. */
export async function openGcsStore(settings: GcsSettings): Promise<BucketStore> {
  const { Agent } = await import('undici')
  const { endpointUrl, folder = '', spool } = settings
  const retryPolicy = settings.retryPolicy ?? defaultRetryPolicy
  const endpoint = (endpointUrl ?? 'https://storage.googleapis.com').replace(/\/+$/, '')
  if (!URL.canParse(endpoint)) {
    throw new StoreMisconfigured(`"${endpoint}" is no URL: check SLIPWAY_GCS_ENDPOINT_URL`)
  }
  const authorization = await googleAuthorization(settings)
  // Answers and bodies are watched by us, the same for all clouds.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 5000 } })
  const bucket = new GcsBucket(new GcsConnection(settings, authorization, endpoint, dispatcher), retryPolicy)
  return new BucketStore(bucket, {
    folder,
    spool: spool === undefined ? undefined : new Spool(spool),
    retryPolicy,
  })
}
