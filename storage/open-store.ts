import { FilesystemStore } from './filesystem/filesystem-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { StoreSettings } from './store-settings.ts'

/**
 * The object store that the settings describe. Loads the SDK of its cloud and no other; asks the store nothing:
 * {@link ObjectStore.probe} does.
 *
 * @throws StoreMisconfigured where the settings can be no store's
 */
export async function openStore(settings: StoreSettings): Promise<ObjectStore> {
  switch (settings.kind) {
    case 'filesystem':
      return new FilesystemStore(settings.root)
    case 'aws':
      return await (await import('./s3/s3-store.ts')).openS3Store(settings)
    case 'gcs':
      return await (await import('./gcs/gcs-store.ts')).openGcsStore(settings)
    case 'azure':
      return await (await import('./azure/azure-store.ts')).openAzureStore(settings)
  }
}
