import { randomBytes } from 'node:crypto'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lockBlobs } from '../../catalog/sqlite/backup-lock.ts'
import { takeFileLock, type FileLock } from '../../catalog/sqlite/file-lock.ts'
import { version } from '../../config/version.ts'
import {
  backupBlobPath,
  CATALOG_COPY,
  catalogCopyName,
  readManifest,
  writeManifest,
  type BackupManifest,
} from './backup-manifest.ts'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { copyFileDurably, hashFile, linkOrCopyFile } from './durable-file.ts'
import { blobFile, downloadBlob, isStored, type ArchiveLocation } from './archive-location.ts'
import { catalogSource, type CatalogSource } from './catalog-source.ts'
import { snapshotCatalog, type CatalogSnapshot } from './snapshot-catalog.ts'
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
  const { folder, now } = options
  const before = await readManifest(folder)
  const takenAt = new Date(now).toISOString()
  const name = catalogCopyName(takenAt, randomBytes(3).toString('hex'))
  const { blobs, server, ...catalog } = await snapshotCatalog(source, folder, name)
  const collecting = async () => {
    refuseOther(folder, server, before)
    return await collectBlobs(options, blobs, before)
  }
  const { kept, stored, added, lost } = await collecting().catch(async (error: unknown) => {
    // No manifest names it, and backups that fail again and again would fill the disk.
    await rm(path.join(folder, name), { force: true })
    throw error
  })
  await syncPath(folder)
  const manifest: BackupManifest = {
    ...{ format: 'slipway-backup', version: 2, takenAt, takenBy: version },
    ...(server === undefined ? {} : { server }),
    ...{ catalog, blobs: kept, stored, retired: [], lost },
  }
  await writeManifest(folder, manifest)
  await removeLeftovers(folder, manifest)
  return {
    takenAt,
    blobs: kept.length + stored.length,
    bytes: [...kept, ...stored].reduce((sum, { size }) => sum + size, 0),
    ...{ added, lost },
  }
}

async function collectBlobs(
  { dataDir, folder, copy, verifyAll, archives = { kind: 'files', dataDir }, signal }: BackupOptions,
  blobs: CatalogSnapshot['blobs'],
  before: BackupManifest | undefined,
): Promise<{
  kept: BackupManifest['blobs']
  stored: BackupManifest['stored']
  added: number
  lost: string[]
}> {
  const known = new Map(verifyAll ? [] : before?.blobs.map((blob) => [blob.digest, blob]))
  const kept: BackupManifest['blobs'] = []
  const stored: BackupManifest['stored'] = []
  const lost: string[] = []
  const folders = new Set<string>()
  let added = 0
  for (const blob of blobs) {
    signal?.throwIfAborted()
    if (archives.kind === 'bucket' && !archives.bring) {
      const brought = known.get(blob.digest)
      // What an earlier backup brought along stays.
      if (brought !== undefined && (await isUnchanged(backupBlobPath(folder, blob.digest), brought)))
        kept.push(brought)
      else if (await isStored(archives.blobs, blob)) stored.push(blob)
      else lost.push(blob.digest)
      continue
    }
    const target = backupBlobPath(folder, blob.digest)
    const there = known.get(blob.digest)
    if (there !== undefined && (await isUnchanged(target, there))) {
      kept.push(there)
      continue
    }
    await mkdir(path.dirname(target), { recursive: true })
    const isNew = !(await isThere(target))
    const isBrought =
      archives.kind === 'bucket'
        ? await downloadBlob(archives.blobs, blob, target, hashFile)
        : await bring(blobFile(archives.dataDir, blob.digest), target, blob, copy)
    if (isBrought) {
      kept.push({ ...blob, modifiedAt: (await stat(target)).mtimeMs })
      folders.add(path.dirname(target))
      if (isNew) added++
    } else if (await isSound(target, blob)) {
      // The data directory has lost it since: what an earlier backup brought is all that is left.
      kept.push({ ...blob, modifiedAt: (await stat(target)).mtimeMs })
    } else {
      lost.push(blob.digest)
    }
  }
  for (const each of folders) await syncPath(each)
  if (folders.size > 0) await syncPath(path.join(folder, 'blobs'))
  return { kept, stored, added, lost }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** @returns false where the blob is damaged or missing. */
async function bring(
  source: string,
  target: string,
  { digest, size }: { digest: string; size: number },
  copy: boolean,
): Promise<boolean> {
  const partial = `${target}.partial`
  try {
    const brought = copy
      ? await copyFileDurably(source, partial, 0o400)
      : await linkOrCopyFile(source, partial)
    if (brought.sha256 === digest && brought.size === size) {
      await rename(partial, target)
      // Where both are links to the same file, rename leaves both names (POSIX).
      await rm(partial, { force: true })
      return true
    }
  } catch (error) {
    if (!LOST.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  await rm(partial, { force: true })
  return false
}

const LOST = new Set(['ENOENT', 'EIO', 'ELOOP'])

async function isSound(file: string, { digest, size }: { digest: string; size: number }): Promise<boolean> {
  const found = await hashFile(file).catch(() => undefined)
  return found?.sha256 === digest && found.size === size
}

async function isUnchanged(
  file: string,
  { size, modifiedAt }: BackupManifest['blobs'][number],
): Promise<boolean> {
  const facts = await stat(file).catch(() => undefined)
  return facts?.size === size && facts.mtimeMs === modifiedAt
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

async function refuseInside(dataDir: string, folder: string): Promise<void> {
  const found = await realpath(dataDir).catch(() => undefined)
  // A machine that keeps nothing for a server whose catalog and archives lie elsewhere.
  if (found === undefined) return
  const relative = path.relative(found, await realpath(folder))
  if (relative === '' || !(relative.startsWith('..') || path.isAbsolute(relative)))
    throw new ToolFailure(2, 'A backup inside the data directory is lost with it; name a folder elsewhere.')
}

/** What a backup does not name, it removes: never where a server keeps its archives. */
async function refuseDataDirectory(folder: string): Promise<void> {
  for (const name of ['catalog.sqlite', 'server.lock'])
    if (await isFile(path.join(folder, name)))
      throw new ToolFailure(2, `${folder} is the data directory of a server; name a folder for the backup.`)
}

/** Overwriting the backup of another server would lose it, and mix up two when they are restored. */
function refuseOther(folder: string, server: string | undefined, before: BackupManifest | undefined): void {
  if (before?.server === undefined || before.server === server) return
  throw new ToolFailure(
    2,
    `${folder} holds the backup of another server (taken ${before.takenAt}); name another folder. Where that server is gone ` +
      'for good, delete the folder first.',
  )
}

function requireLock(lock: FileLock | undefined, otherwise: string): FileLock {
  if (lock !== undefined) return lock
  throw new ToolFailure(3, otherwise)
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  )
}
