import { AzureBucket } from './azure-bucket.ts'
import { BucketStore } from '../bucket/bucket-store.ts'
import { loadSdk } from '../load-sdk.ts'
import { StoreMisconfigured } from '../object-store.ts'
import { defaultRetryPolicy } from '../bucket/retry-policy.ts'
import { Spool } from '../bucket/spool.ts'
import type { AzureSettings } from '../store-settings.ts'

/** Objects in a container of Azure Blob Storage. Loads the SDK; asks the server nothing yet. */
export async function openAzureStore(settings: AzureSettings): Promise<BucketStore> {
  const { BlobServiceClient, StorageSharedKeyCredential } = await loadSdk(
    '@azure/storage-blob',
    () => import('@azure/storage-blob'),
  )
  const { accountName, accountKey, container, folder = '', spool } = settings
  const retryPolicy = settings.retryPolicy ?? defaultRetryPolicy
  const url = settings.endpointUrl ?? `https://${accountName}.blob.core.windows.net`
  if (!URL.canParse(url)) {
    throw new StoreMisconfigured(
      `"${url}" is no URL: check SLIPWAY_AZURE_ENDPOINT_URL and AZURE_ACCOUNT_NAME`,
    )
  }
  const service = new BlobServiceClient(url, new StorageSharedKeyCredential(accountName, accountKey), {
    // Repeating is ours, the same for all clouds.
    retryOptions: { maxTries: 1 },
  })
  const bucket = new AzureBucket(service.getContainerClient(container), settings, retryPolicy)
  return new BucketStore(bucket, {
    folder,
    spool: spool === undefined ? undefined : new Spool(spool),
    retryPolicy,
  })
}
