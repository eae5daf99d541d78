import type { Reading } from '../../http/operate/metrics.ts'
import type { BackupRecord } from '../backup-record.ts'

/** What the backups that a server takes by itself show to Prometheus. */
export function backupReadings(record: BackupRecord): Reading[] {
  return [
    {
      name: 'slipway_last_backup_seconds',
      help: 'When the server took its last backup by itself, seconds since 1970; 0: none since its start.',
      kind: 'gauge',
      read: () => (record.lastTakenAt ?? 0) / 1000,
    },
    {
      name: 'slipway_backup_failures_total',
      help: 'Backups that the server tried to take by itself and that failed.',
      kind: 'counter',
      read: () => record.failures,
    },
  ]
}
