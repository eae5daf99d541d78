import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lockBlobs } from '../../catalog/sqlite/backup-lock.ts'
import { takeFileLock, type FileLock } from '../../catalog/sqlite/file-lock.ts'
import { version } from '../../config/version.ts'
import {
  CATALOG_COPY,
  catalogCopyName,
  readManifest,
  writeManifest,
  type BackupManifest,
} from './backup-manifest.ts'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import type { ArchiveLocation } from './archive-location.ts'
import { catalogSource, type CatalogSource } from './catalog-source.ts'
import { collectBlobs } from './collect-blobs.ts'
import { isFile } from './is-file.ts'
import { refuseDataDirectory, refuseInside, refuseOther } from './refuse-backup-folder.ts'
import { snapshotCatalog } from './snapshot-catalog.ts'
import { ToolFailure } from '../tool-failure.ts'

export interface BackupOptions {
  dataDir: string
  folder: string
  /** Where the catalog is; without it in the data directory. */
  catalog?: CatalogSource
  /** Where the archives are; without it in the data directory. */
  archives?: ArchiveLocation
  /** Copies even where a hard link would do: a link shares the disk, and its rot. */
  copy: boolean
  /** Hashes also what an earlier backup brought here. */
  verifyAll: boolean
  /** Milliseconds since 1970. */
  now: number
  signal?: AbortSignal
}

/** What a backup did. */
export interface BackupReport {
  takenAt: string
  blobs: number
  bytes: number
  /** Blobs that this backup brought. */
  added: number
  /** Digests whose blobs are damaged or missing in the data directory. */
  lost: string[]
}

/** A sweep of the server holds the blobs for seconds. */
const WAIT_MILLISECONDS = 30_000
const LOOK_AGAIN_MILLISECONDS = 250

/**
 * Backs a data directory up into a folder, while its server runs or not. What an earlier backup brought there is used
 * again; until the new manifest is in place the earlier backup stays whole.
 *
 * @throws ToolFailure
 */
export async function takeBackup(options: BackupOptions): Promise<BackupReport> {
  const { dataDir, folder, catalog = catalogSource(dataDir, undefined), archives } = options
  if ('file' in catalog && !(await isFile(catalog.file)))
    throw new ToolFailure(2, `There is no catalog in ${dataDir}; set DATA_DIR to the server's.`)
  await mkdir(folder, { recursive: true })
  await refuseInside(dataDir, folder)
  await refuseDataDirectory(folder)
  const locks: FileLock[] = []
  try {
    locks.push(
      requireLock(
        takeFileLock(path.join(folder, 'backup.lock')),
        `Another backup into ${folder} is under way.`,
      ),
    )
    // From the snapshot on no blob that it names may go. Servers that share a bucket ask the database (keepBlobs).
    if ('file' in catalog || archives?.kind === 'files')
      locks.push(
        requireLock(
          await waitForLock(() => lockBlobs(dataDir)),
          `Another backup of ${dataDir} is under way; try again.`,
        ),
      )
    return await collect(options, catalog)
  } finally {
    for (const lock of locks.reverse()) lock.release()
  }
}

/** Asks again and again: waiting inside SQLite would stop everything else in this process, also who holds the lock. */
async function waitForLock(take: () => FileLock | undefined): Promise<FileLock | undefined> {
  const end = performance.now() + WAIT_MILLISECONDS
  for (;;) {
    const lock = take()
    if (lock !== undefined || performance.now() >= end) return lock
    await delay(LOOK_AGAIN_MILLISECONDS)
  }
}

async function collect(options: BackupOptions, source: CatalogSource): Promise<BackupReport> {
  const { dataDir, folder, now, archives = { kind: 'files', dataDir } } = options
  const before = await readManifest(folder)
  const takenAt = new Date(now).toISOString()
  const name = catalogCopyName(takenAt, randomBytes(3).toString('hex'))
  const { blobs, server, ...catalog } = await snapshotCatalog(source, folder, name)
  const collecting = async () => {
    refuseOther(folder, server, before)
    return await collectBlobs({ ...options, archives }, blobs, before?.blobs ?? [])
  }
  const { kept, stored, added, lost } = await collecting().catch(async (error: unknown) => {
    // No manifest names it, and backups that fail again and again would fill the disk.
    await rm(path.join(folder, name), { force: true })
    throw error
  })
  await syncPath(folder)
  const manifest: BackupManifest = {
    format: 'slipway-backup',
    version: 2,
    takenAt,
    takenBy: version,
    ...(server === undefined ? {} : { server }),
    catalog,
    blobs: kept,
    stored,
    retired: [],
    lost,
  }
  await writeManifest(folder, manifest)
  await removeLeftovers(folder, manifest)
  return {
    takenAt,
    blobs: kept.length + stored.length,
    bytes: [...kept, ...stored].reduce((sum, { size }) => sum + size, 0),
    added,
    lost,
  }
}

/** What the manifest does not name: older catalogs, blobs of pruned releases, what an interrupted backup left. */
async function removeLeftovers(folder: string, { catalog, blobs }: BackupManifest): Promise<void> {
  for (const name of await readdir(folder)) {
    if (CATALOG_COPY.test(name.replace(/\.partial$/, '')) && name !== catalog.file)
      await rm(path.join(folder, name))
  }
  const named = new Set(blobs.map(({ digest }) => digest))
  const root = path.join(folder, 'blobs')
  for (const prefix of await readdir(root).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(prefix)) continue
    for (const name of await readdir(path.join(root, prefix)).catch(() => []))
      if (/^[0-9a-f]{64}(\.partial)?$/.test(name) && !named.has(name)) await rm(path.join(root, prefix, name))
  }
}

function requireLock(lock: FileLock | undefined, otherwise: string): FileLock {
  if (lock !== undefined) return lock
  throw new ToolFailure(3, otherwise)
}
