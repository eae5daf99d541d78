import type { Logger } from 'pino'
import type { Status } from '../../protocol/status.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { BackupConfig } from '../config/backup-config.ts'
import type { Config } from '../config/config.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { Clock } from '../time/clock.ts'
import { repeat } from '../time/repeat.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { backUpServer } from './back-up-server.ts'
import { backupReadings } from './readings/backup-readings.ts'
import { BackupRecord } from './backup-record.ts'
import { BackupTurns } from './backup-turns.ts'
import type { OpenedStorage } from './opening/open-storage.ts'

/** The first backup waits until a server that was just started has other things behind it. */
const FIRST_MILLISECONDS = 60_000
/** How often one of several servers looks whether it is to take the next backup. */
const LOOK_MILLISECONDS = 10_000

/** What has the server back its catalog up by itself, for the day when the catalog is lost. */
export interface Backups {
  start(): void
  stop(): Promise<void>
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

/** Puts together the backups of the catalog (SLIPWAY_BACKUP_TO). */
export function composeBackups(
  config: Pick<Config, 'backup' | 'dataDir' | 'database'>,
  { lease, store }: OpenedStorage,
  { blobs, catalog, clock, logger, housekeeping }: BackupDependencies,
): Backups {
  const stopping = new AbortController()
  const stored = { store, blobs, clock, isInBucket: lease !== undefined }
  const turns = config.database === undefined ? undefined : new BackupTurns({ catalog, clock, housekeeping })
  const record = new BackupRecord()
  let running = Promise.resolve()
  const take = async (backup: BackupConfig): Promise<undefined> => {
    const turn = await turns?.next(backup.intervalMilliseconds)
    record.taken(turns?.lastTakenAt)
    if (turns !== undefined && turn === undefined) return
    const signal = AbortSignal.any([stopping.signal, ...(turn === undefined ? [] : [turn.signal])])
    const report = await backUpServer(config, backup, { ...stored, signal })
    await turn?.taken()
    record.taken(clock.now())
    const { takenAt, blobs: archives, lost } = report
    logger.info({ takenAt, archives, lost: lost.length }, 'backup_taken')
  }
  return {
    start() {
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
      await running
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
