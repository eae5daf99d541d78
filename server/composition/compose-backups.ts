import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import type { Status } from '../../protocol/status.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { BackupConfig } from '../config/backup-config.ts'
import type { Config } from '../config/config.ts'
import { RecordWriter } from '../exporting/records/record-writer.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { Clock } from '../time/clock.ts'
import { repeat } from '../time/repeat.ts'
import { catalogSource, type CatalogSource } from '../tools/backup/catalog-source.ts'
import { BACKUPS_PREFIX, backUpToStore } from '../tools/backup/store-backup.ts'
import { takeBackup, type BackupReport } from '../tools/backup/take-backup.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { backupReadings } from './backup-readings.ts'
import { BackupRecord } from './backup-record.ts'
import { BackupTurns } from './backup-turns.ts'
import type { ComposedHousekeeping } from './compose-housekeeping.ts'
import type { OpenedStorage } from './open-storage.ts'
import { thisPlace } from './this-place.ts'

/** The first backup waits until a server that was just started has other things behind it. */
const FIRST_MILLISECONDS = 60_000
/** How often one of several servers looks whether it is to take the next backup. */
const LOOK_MILLISECONDS = 10_000

/** How long a server that stops writes records: a bucket that is away must not hold it up. */
const LAST_RECORDS_MILLISECONDS = 2_000

/** What the server writes down of its catalog by itself, for the day when the catalog is lost. */
export interface Backups {
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
  /** Models may have changed. */
  modelsChanged(): void
  /** What `/api/v1/status` says of them; null: the server takes none. */
  status(): Status['backup']
  readings: Reading[]
}

export interface BackupDependencies {
  blobs: BlobStore
  catalog: Catalog
  clock: Clock
  logger: Logger
  housekeeping: Housekeeping
}

/**
 * Puts together the backups of the catalog (SLIPWAY_BACKUP_TO), and the records beside the archives where these lie in a
 * bucket.
 */
export function composeBackups(
  config: Pick<Config, 'backup' | 'dataDir' | 'database'>,
  { lease, store }: OpenedStorage,
  { blobs, catalog, clock, logger, housekeeping }: BackupDependencies,
): Backups {
  const stopping = new AbortController()
  const records =
    lease === undefined
      ? undefined
      : new RecordWriter({
          ...{ store, catalog, clock, housekeeping },
          onFailure: (error) => {
            logger.warn({ err: error }, 'records_failed')
          },
        })
  const stored = { store, blobs, clock, isInBucket: lease !== undefined }
  const turns = config.database === undefined ? undefined : new BackupTurns({ catalog, clock, housekeeping })
  const record = new BackupRecord()
  let running = Promise.resolve()
  const take = async (backup: BackupConfig): Promise<undefined> => {
    const turn = await turns?.next(backup.intervalMilliseconds)
    record.taken(turns?.lastTakenAt)
    if (turns !== undefined && turn === undefined) return
    const signal = AbortSignal.any([stopping.signal, ...(turn === undefined ? [] : [turn.signal])])
    const report = await backUp(config, backup, { ...stored, signal })
    await turn?.taken()
    record.taken(clock.now())
    const { takenAt, blobs: archives, lost } = report
    logger.info({ takenAt, archives, lost: lost.length }, 'backup_taken')
  }
  return {
    start() {
      records?.start()
      const { backup } = config
      if (backup === undefined) return
      const every = backup.intervalMilliseconds
      const alone = { first: Math.min(FIRST_MILLISECONDS, every), every }
      const inTurns = { first: LOOK_MILLISECONDS, every: LOOK_MILLISECONDS }
      const schedule = turns === undefined ? alone : inTurns
      const onFailure = (error: unknown) => {
        // Amid an upgrade of a group: servers of the newer version take the next one, as soon as one of them is the housekeeper.
        if (error instanceof ToolFailure && error.reason === 'newer-catalog') {
          logger.info({ reason: error.message }, 'backup_left_to_newer')
          return
        }
        record.failed()
        logger.error({ err: error }, 'backup_failed')
      }
      running = repeat(schedule, stopping.signal, () => take(backup), onFailure)
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await Promise.all([records?.stop(), running])
    },
    async finish(housekeeper) {
      if (records?.isDue !== true) return
      const writeLast = async () => {
        await housekeeper.renew()
        await records.finish(AbortSignal.timeout(LAST_RECORDS_MILLISECONDS))
      }
      const written = writeLast()
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'records_failed')
        })
        .finally(() => housekeeper.stop())
      await Promise.race([written, delay(LAST_RECORDS_MILLISECONDS, undefined, { ref: false })])
    },
    storeRecovered() {
      records?.storeRecovered()
    },
    modelsChanged() {
      records?.modelsChanged()
    },
    status: () => presentBackups(config.backup, record),
    readings: backupReadings(record),
  }
}

function presentBackups(backup: BackupConfig | undefined, record: BackupRecord): Status['backup'] {
  if (backup === undefined) return null
  const { lastTakenAt, failuresInARow: failures } = record
  return {
    intervalSeconds: Math.round(backup.intervalMilliseconds / 1000),
    lastTakenAt: lastTakenAt === undefined ? null : new Date(lastTakenAt).toISOString(),
    failures,
  }
}

interface BackupSource {
  store: ObjectStore
  blobs: BlobStore
  clock: Clock
  isInBucket: boolean
  signal: AbortSignal
}

async function backUp(
  { dataDir, database }: Pick<Config, 'dataDir' | 'database'>,
  backup: BackupConfig,
  source: BackupSource,
): Promise<BackupReport> {
  if (database === undefined) return await collect(dataDir, catalogSource(dataDir, undefined), backup, source)
  // Loaded where it is wanted: most servers keep their catalog in a file.
  const { keepBlobs } = await import('../catalog/postgres/keep-blobs.ts')
  const self = { holder: randomUUID(), ...(await thisPlace(dataDir)) }
  const withBlobsKept = (kept: AbortSignal) => {
    const signal = AbortSignal.any([source.signal, kept])
    return collect(dataDir, { database }, backup, { ...source, signal })
  }
  return await keepBlobs(database, self, withBlobsKept, { signal: source.signal })
}

async function collect(
  dataDir: string,
  catalog: CatalogSource,
  { to }: BackupConfig,
  { store, blobs, clock, isInBucket, signal }: BackupSource,
): Promise<BackupReport> {
  const now = clock.now()
  const shared = { catalog, blobs, now, signal }
  switch (to.kind) {
    case 'folder':
      return await takeBackup({
        ...{ dataDir, folder: to.folder, copy: false, verifyAll: false, ...shared },
        archives: isInBucket ? { kind: 'bucket', blobs, bring: false } : { kind: 'files', dataDir },
      })
    case 'own-bucket':
      return await backUpToStore({
        ...shared,
        ...{ scratch: dataDir, target: store, prefix: BACKUPS_PREFIX, copyBlobs: false },
      })
    case 'store': {
      const target = await openStore(to.store)
      try {
        // What a killed process left on its way; a bucket that does not let us is none the worse.
        await target.sweep(signal).catch(() => undefined)
        return await backUpToStore({
          ...shared,
          ...{ scratch: dataDir, target, prefix: '', copyBlobs: !isInBucket },
        })
      } finally {
        await target.close()
      }
    }
  }
}
