import path from 'node:path'
import { isCloudKind, readStoreUrl, type Environment } from '../../storage/read-store-settings.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import type { Settings } from './settings.ts'

/** Where the server backs up its catalog by itself, and how often. */
export interface BackupConfig {
  to:
    | { kind: 'own-bucket' }
    | { kind: 'folder'; folder: string }
    /** `place` is the URL, for people. */
    | { kind: 'store'; store: StoreSettings; place: string }
  intervalMilliseconds: number
}

/**
 * Reads where backups go; undefined where the server takes none by itself.
 *
 * @param folder what relative folders are relative to
 * @param mistakes gets a line for everything that is wrong
 */
export function readBackupConfig(
  env: Environment,
  settings: Settings,
  { folder, dataDir }: { folder: string; dataDir: string },
  mistakes: string[],
): BackupConfig | undefined {
  const { STORAGE: storage, SLIPWAY_BACKUP_TO: to, SLIPWAY_BACKUP_INTERVAL: minutes } = settings
  const intervalMilliseconds = minutes * 60_000
  if (to === 'off') return undefined
  if (to === undefined)
    return isCloudKind(storage) ? { to: { kind: 'own-bucket' }, intervalMilliseconds } : undefined
  const isUrl = /^[a-z0-9]+:\/\//.test(to)
  if (!isUrl && settings.DATABASE_URL !== undefined && isCloudKind(storage)) {
    mistakes.push(
      'SLIPWAY_BACKUP_TO: several servers over one database take turns with backups, and a folder is of one machine: ' +
        'name a bucket (s3://…, gs://…, azure://…), or unset it to have them beside the archives',
    )
    return undefined
  }
  if (!isUrl) return { to: { kind: 'folder', folder: path.resolve(folder, to) }, intervalMilliseconds }
  const spool = path.join(dataDir, 'spool-backup')
  const { settings: store, mistakes: found } = readStoreUrl(to, 'SLIPWAY_BACKUP_TO', env, { spool })
  mistakes.push(...(found ?? []))
  return store && { to: { kind: 'store', store, place: to }, intervalMilliseconds }
}
