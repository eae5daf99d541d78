import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { BackupConfig } from '../config/backup-config.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../time/clock.ts'
import { catalogSource, type CatalogSource } from '../tools/backup/catalog-source.ts'
import { BACKUPS_PREFIX, backUpToStore } from '../tools/backup/store-backup.ts'
import { takeBackup, type BackupReport } from '../tools/backup/take-backup.ts'
import { thisPlace } from './opening/this-place.ts'

/** Where the archives of a server lie. */
export interface BackupSource {
  store: ObjectStore
  blobs: BlobStore
  clock: Clock
  /** Whether `store` is a bucket, and not this machine's folder. */
  isInBucket: boolean
  /** Ends it. */
  signal: AbortSignal
}

/**
 * Backs up the catalog of a server that runs, and its archives where they do not lie in a bucket. Blobs are kept meanwhile.
 *
 * @throws ToolFailure, and what catalog and stores throw.
 */
export async function backUpServer(
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
        dataDir,
        folder: to.folder,
        copy: false,
        verifyAll: false,
        ...shared,
        archives: isInBucket ? { kind: 'bucket', blobs, bring: false } : { kind: 'files', dataDir },
      })
    case 'own-bucket':
      return await backUpToStore({
        ...shared,
        scratch: dataDir,
        target: store,
        prefix: BACKUPS_PREFIX,
        copyBlobs: false,
      })
    case 'store': {
      const target = await openStore(to.store)
      try {
        // What a killed process left on its way; a bucket that does not let us is none the worse.
        await target.sweep(signal).catch(() => undefined)
        return await backUpToStore({
          ...shared,
          scratch: dataDir,
          target,
          prefix: '',
          copyBlobs: !isInBucket,
        })
      } finally {
        await target.close()
      }
    }
  }
}
