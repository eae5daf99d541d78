import path from 'node:path'
import type { Logger } from 'pino'
import type { ObjectStore } from '../../../storage/object-store.ts'
import {
  CredentialsUnavailable,
  StoreMisconfigured,
  StoreUnavailable,
} from '../../../storage/object-store.ts'
import { openStore } from '../../../storage/open-store.ts'
import type { StoreSettings } from '../../../storage/store-settings.ts'
import { BlobCache } from '../../blobs/blob-cache.ts'
import { LeasedStore } from '../../blobs/leased-store.ts'
import type { BucketLease } from '../../blobs/bucket-lease.ts'
import { ObservedStore } from '../../blobs/observed-store.ts'
import type { StoreMetrics, StoreRole } from '../readings/store-metrics.ts'
import { observeStorage } from './observe-storage.ts'
import { BucketOwnedByOther, ownBucket } from './own-bucket.ts'
import type { ServerGroup } from '../../coordination/server-group.ts'
import type { Health } from '../health.ts'
import { OtherBucket } from './require-same-bucket.ts'
import { ConfigError, type Config } from '../../config/config.ts'
import { repeat } from '../../time/repeat.ts'

const HOUR = 60 * 60 * 1000

/** Where archives lie. */
export interface OpenedStorage {
  store: ObjectStore
  /** Local copies, where it is far away. */
  cache: BlobCache | undefined
  /** Who may change the bucket; undefined where archives lie in files, which the lock of DATA_DIR guards. */
  lease: BucketLease | undefined
}

/** Who opens the storage. */
export interface StorageOwner {
  /** The identity of the catalog; undefined where it is lost: then nothing is changed in a bucket. */
  server: string | undefined
  /** The servers that share the catalog, if several may. */
  group?: ServerGroup | undefined
  health: Health
  metrics: StoreMetrics
}

/**
 * Opens where archives lie, makes sure that it can be used, and removes what earlier processes left half done.
 *
 * @throws ConfigError naming the variable to look at, where it cannot be used; StoreUnavailable, which names it too, where it does
 *   not answer.
 */
export async function openStorage(
  { storage, dataDir }: Pick<Config, 'storage' | 'dataDir'>,
  { server, group, health, metrics }: StorageOwner,
  logger: Logger,
): Promise<OpenedStorage> {
  const opened = await explained('STORAGE', storage.store, async () => {
    const bare = await openStore(storage.store)
    const listeners = { health, logger, metrics, timings: storage.watchTimings }
    if (storage.store.kind === 'filesystem') {
      return { store: observeStorage(bare, listeners), cache: undefined, lease: undefined }
    }
    await probe(bare, logger)
    const store = observeStorage(bare, listeners)
    const lease =
      server === undefined
        ? undefined
        : await ownBucket(store, { dataDir, server, group, health, logger, timings: storage.leaseTimings })
    const cache = new BlobCache(path.join(dataDir, 'cache'), storage.cacheBytes, (error) => {
      logger.warn({ err: error }, 'cache_failed')
    })
    await cache.load()
    return { store: lease === undefined ? store : new LeasedStore(store, lease), cache, lease }
  })
  if (opened.lease === undefined || opened.lease.isHeld()) await sweep(opened.store, logger)
  return opened
}

/** What a bucket besides storage is for. */
export interface BucketUse {
  role: StoreRole
  /** The variable that names it. */
  setting: string
}

/**
 * Opens a bucket besides storage. One that does not answer now may do so later; one that never will is a mistake.
 *
 * @throws ConfigError
 */
export async function openBucket(
  { role, setting }: BucketUse,
  settings: StoreSettings,
  { logger, metrics }: { logger: Logger; metrics: StoreMetrics },
): Promise<ObjectStore> {
  return await explained(setting, settings, async () => {
    const store = await openStore(settings)
    try {
      await probe(store, logger)
      await sweep(store, logger)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      logger.error({ err: error, setting }, 'store_error')
    }
    return new ObservedStore(store, metrics.observer(role))
  })
}

/** Removes leftovers again and again until `signal` aborts: uploads that broke off fill a bucket unseen. */
export function sweepHourly(
  stores: readonly ObjectStore[],
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const schedule = { first: HOUR, every: HOUR }
  const sweepAll = async (): Promise<undefined> => {
    for (const store of stores) await sweep(store, logger, signal)
  }
  return repeat(schedule, signal, sweepAll, (error) => {
    logger.warn({ err: error }, 'store_error')
  })
}

async function probe(store: ObjectStore, logger: Logger): Promise<void> {
  await store.probe()
  const createsOnce = 'createsOnce' in store ? store.createsOnce : undefined
  // Without, two servers that share a bucket may write one object at once; blobs are the same bytes then.
  logger.info(
    { store: store.description, createOnceBy: createsOnce === true ? 'precondition' : 'look-up' },
    'store_ready',
  )
}

/** Leftovers cost room, no more: a store that does not let us remove them is good enough to begin with. */
async function sweep(store: ObjectStore, logger: Logger, signal?: AbortSignal): Promise<void> {
  try {
    const leftovers = await store.sweep(signal)
    if (leftovers > 0) logger.info({ store: store.description, files: leftovers }, 'tmp_swept')
  } catch (error) {
    if (signal?.aborted !== true) logger.warn({ err: error, store: store.description }, 'store_error')
  }
}

const MISTAKES = [StoreMisconfigured, BucketOwnedByOther, OtherBucket]

async function explained<Opened>(
  setting: string,
  settings: StoreSettings,
  open: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    if (MISTAKES.some((mistake) => error instanceof mistake) && error instanceof Error)
      throw new ConfigError([`${setting}: ${error.message}`])
    // Perhaps no mistake: service managers do not start a server again whose configuration is one, and a bucket comes back.
    if (error instanceof StoreUnavailable) {
      const isOfStore = !(error instanceof CredentialsUnavailable)
      const advice = isOfStore ? `: check ${addressSetting(settings)} and the network` : ''
      throw new StoreUnavailable(`${setting}: ${error.message}${advice}`, { cause: error })
    }
    throw error
  }
}

function addressSetting(settings: StoreSettings): string {
  switch (settings.kind) {
    case 'filesystem':
      return 'DATA_DIR'
    case 'aws':
      return 'AWS_ENDPOINT_URL and AWS_DEFAULT_REGION'
    case 'gcs':
      return 'SLIPWAY_GCS_ENDPOINT_URL'
    case 'azure':
      return 'SLIPWAY_AZURE_ENDPOINT_URL and AZURE_ACCOUNT_NAME'
  }
}
