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
import { backUpServer } from './back-up-server.ts'
import { backupReadings } from './readings/backup-readings.ts'
import { BackupRecord } from './backup-record.ts'
import { BackupTurns } from './backup-turns.ts'
import type { OpenedStorage } from './opening/open-storage.ts'
import { takeUnlessNewer } from './take-unless-newer.ts'

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
  /** Has a server of a newer version do the housekeeping. @returns false where none runs. @throws what the catalog throws */
  leaveToNewer: () => Promise<boolean>
}

/** Puts together the backups of the catalog (SLIPWAY_BACKUP_TO). */
export function composeBackups(
  config: Pick<Config, 'backup' | 'dataDir' | 'database'>,
  { lease, store }: OpenedStorage,
  { blobs, catalog, clock, logger, housekeeping, leaveToNewer }: BackupDependencies,
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
      const takeOrLeave = async (): Promise<undefined> => {
        const reason = await takeUnlessNewer(() => take(backup), leaveToNewer)
        if (reason !== undefined) logger.info({ reason }, 'backup_left_to_newer')
      }
      const onFailure = (error: unknown) => {
        record.failed()
        logger.error({ err: error }, 'backup_failed')
      }
      running = repeat(schedule, stopping.signal, takeOrLeave, onFailure)
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
