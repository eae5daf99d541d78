import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { RecordWriter, type RecordWriterDependencies } from '../exporting/records/record-writer.ts'
import type { ComposedHousekeeping } from './compose-housekeeping.ts'
import type { OpenedStorage } from './opening/open-storage.ts'

/** How long a server that stops writes records: a bucket that does not answer must not delay its end. */
const LAST_RECORDS_MILLISECONDS = 2_000

/** What writes down beside the archives what the catalog says of them. */
export interface ComposedRecords {
  start(): void
  stop(): Promise<void>
  /**
   * Writes down what was changed while the server stopped, unless another server does so. Never rejects, and takes two seconds at most.
   *
   * @param housekeeper To ask for the housekeeping once more: the last server that stops has nobody to leave it to.
   */
  finish(housekeeper: Pick<ComposedHousekeeping, 'renew' | 'stop'>): Promise<void>
  /** The storage can be used again after it could not. */
  storeRecovered(): void
  /** Models may have changed, or the database may be another one. */
  modelsChanged(): void
}

/** Puts together what keeps records; undefined where archives do not lie in a bucket. */
export function composeRecords(
  { lease, store }: OpenedStorage,
  dependencies: Pick<RecordWriterDependencies, 'catalog' | 'clock' | 'housekeeping' | 'database'> & {
    logger: Logger
  },
): ComposedRecords | undefined {
  if (lease === undefined) return undefined
  const { catalog, clock, housekeeping, database = () => '', logger } = dependencies
  const onFailure = (error: unknown) => {
    logger.warn({ err: error }, 'records_failed')
  }
  const writer = new RecordWriter({ store, catalog, clock, housekeeping, database, onFailure })
  return {
    start() {
      writer.start()
    },
    stop: () => writer.stop(),
    async finish(housekeeper) {
      if (!writer.isDue) return
      const writeLast = async () => {
        await housekeeper.renew()
        await writer.finish(AbortSignal.timeout(LAST_RECORDS_MILLISECONDS))
      }
      const written = writeLast()
        .catch(onFailure)
        .finally(() => housekeeper.stop())
      await Promise.race([written, delay(LAST_RECORDS_MILLISECONDS, undefined, { ref: false })])
    },
    storeRecovered() {
      writer.storeRecovered()
    },
    modelsChanged() {
      writer.modelsChanged()
    },
  }
}
