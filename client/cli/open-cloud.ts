import { openStore } from '../../storage/open-store.ts'
import { isCloudKind, readStoreSettings } from '../../storage/read-store-settings.ts'
import type { CloudKind } from '../../storage/read-store-settings.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { failureOfStore } from '../sources/store-source.ts'
import { cloudRetryPolicy } from './cloud-retry-policy.ts'
import { usageError } from './usage-error.ts'

/** What `--remote-storage` means. */
export type StorageKind = { cloud: CloudKind } | { module: string }

/** Reads the value of `--remote-storage`. */
export function storageKind(text: string): StorageKind {
  if (isCloudKind(text)) return { cloud: text }
  if (/\.[cm]?[jt]s(#\w+)?$/.test(text)) return { module: text }
  const advice = /^\w+(\.\w+)+$/.test(text)
    ? ' (a Python class is for Rasa; here it takes a JavaScript module)'
    : ''
  throw usageError(
    `--remote-storage is "${text}": expected aws, gcs, azure or a module such as ./my-storage.mjs${advice}`,
  )
}

export interface Cloud {
  store: ObjectStore
  /** Whether it begins at `REMOTE_STORAGE_PATH`. */
  hasFolder: boolean
}

/**
 * Opens the cloud that the environment describes by the names that Rasa reads.
 *
 * @param spool Where uploads wait; without it the store only reads.
 * @throws PullFailure that names every variable which is wrong.
 */
export async function openCloud(
  cloud: CloudKind,
  environment: NodeJS.ProcessEnv,
  spool?: string,
  retryPolicy = cloudRetryPolicy,
): Promise<Cloud> {
  const { settings, mistakes } = readStoreSettings(environment, cloud, spool === undefined ? {} : { spool })
  if (settings === undefined) throw usageError(mistakes.join('; '))
  try {
    const store = await openStore(settings.kind === 'filesystem' ? settings : { ...settings, retryPolicy })
    return { store, hasFolder: 'folder' in settings }
  } catch (error) {
    throw failureOfStore(error)
  }
}
