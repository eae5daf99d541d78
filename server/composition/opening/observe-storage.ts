import type { Logger } from 'pino'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { ObservedStore } from '../../blobs/observed-store.ts'
import { StoreWatch, type StoreWatchTimings } from '../../blobs/store-watch.ts'
import { toDomainError } from '../../blobs/translate-store-errors.ts'
import type { StoreMetrics } from '../readings/store-metrics.ts'
import type { Health } from '../health.ts'

/** Who hears how the storage does. */
export interface StorageListeners {
  health: Health
  logger: Logger
  metrics: StoreMetrics
  timings?: StoreWatchTimings | undefined
}

/** The store that archives lie in, with its calls counted; where it fails, `/readyz` and the log say so until it works again. */
export function observeStorage(
  store: ObjectStore,
  { health, logger, metrics, timings }: StorageListeners,
): ObjectStore {
  const watch = new StoreWatch(store, {
    ...(timings === undefined ? {} : { timings }),
    onChange: (failure) => {
      if (failure === undefined) {
        health.storageFailed(undefined)
        logger.info({ store: store.description }, 'store_recovered')
        return
      }
      // Whoever asks /readyz may be anybody: bucket and setting stand in the log only.
      health.storageFailed(toDomainError(failure).message)
      logger.error({ err: failure, store: store.description }, 'store_unavailable')
    },
  })
  health.onStorageAsked(() => watch.isAway())
  const counted = metrics.observer('storage')
  const observer = {
    callEnded: (...ended: Parameters<typeof counted.callEnded>) => {
      counted.callEnded(...ended)
      watch.callEnded(...ended)
    },
  }
  return new ObservedStore(store, observer, () => {
    watch.stop()
  })
}
