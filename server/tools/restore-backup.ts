import { rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { ObjectBlobs } from '../blobs/object-blobs.ts'
import { lockDataDirectory } from '../catalog/sqlite/data-lock.ts'
import { openSqliteCatalog } from '../catalog/sqlite/sqlite-catalog.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { listEveryModel } from '../catalog/list-every-model.ts'
import { numbersGap } from '../releases/numbers-gap.ts'
import type { SkippedNumbers } from '../catalog/models.ts'
import { backupBlobPath, type BackupManifest } from './backup-manifest.ts'
import { copyFileDurably, hashFile, syncPath } from './durable-file.ts'
import { readReplacedModels, setCatalogAside, type ReplacedModel } from './replaced-catalog.ts'
import { ToolFailure } from './tool-failure.ts'
import { verifyBackup } from './verify-backup.ts'

export interface RestoreOptions {
  folder: string
  dataDir: string
  /** Puts the backup in the place of a catalog that is there; that one is set aside. */
  replace: boolean
  /** Milliseconds since 1970. */
  now: number
}

/** What a restore did. */
export interface RestoreReport {
  takenAt: string
  blobs: number
  /** Where the numbers of each model go on. */
  numbers: SkippedNumbers[]
  /** Digests of releases whose archives were lost before the backup. */
  lost: string[]
  /** Where the catalog is that was there before. */
  setAside: string | null
}

/**
 * Restores a backup into a data directory that no server uses. Everything is verified before anything is changed, and
 * the catalog, which makes the rest visible, is put in place last and at once: whatever interrupts this leaves the data
 * directory as it was.
 *
 * @throws ToolFailure
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { folder, dataDir, replace } = options
  const lock = await lockDataDirectory(dataDir).catch((cause: unknown) => {
    throw new ToolFailure(3, cause instanceof Error ? cause.message : String(cause), { cause })
  })
  try {
    const catalogFile = path.join(dataDir, 'catalog.sqlite')
    const isReplacing = await exists(catalogFile)
    if (isReplacing && !replace) {
      throw new ToolFailure(
        2,
        `There is a catalog in ${dataDir} already. With --replace the backup takes its place, and it is set aside.`,
      )
    }
    const manifest = await verifyBackup(folder)
    const blobs = new ObjectBlobs(new FilesystemStore(path.join(dataDir, 'blobs')), () =>
      Promise.resolve(undefined),
    )
    for (const { digest, size } of manifest.blobs) await restoreBlob(blobs, folder, dataDir, { digest, size })
    const restoring = `${catalogFile}.restoring`
    const models = isReplacing ? readReplacedModels(catalogFile) : []
    const numbers = await prepareCatalog(restoring, manifest, options, models)
    const setAside = isReplacing ? await setCatalogAside(catalogFile, options.now) : null
    await rename(restoring, catalogFile)
    await syncPath(dataDir)
    // It tells what the catalog before said.
    await rm(path.join(dataDir, 'current.json'), { force: true })
    return {
      ...{ takenAt: manifest.takenAt, blobs: manifest.blobs.length, numbers },
      ...{ lost: manifest.lost, setAside },
    }
  } finally {
    lock.release()
  }
}

async function restoreBlob(
  blobs: BlobStore,
  folder: string,
  dataDir: string,
  { digest, size }: { digest: string; size: number },
): Promise<void> {
  const there = path.join(dataDir, 'blobs', 'sha256', digest.slice(0, 2), digest)
  const found = await hashFile(there).catch(() => undefined)
  if (found?.sha256 === digest && found.size === size) return
  const staged = await blobs.stage()
  try {
    await hashFile(backupBlobPath(folder, digest), (block) => staged.write(block))
    if (staged.digest() !== digest)
      throw new ToolFailure(4, `The blob ${digest} of the backup changed while it was read.`)
    await staged.commit({ replace: true })
  } finally {
    await staged.discard()
  }
}

/** Brings the copy to this version's tables, and lets its numbers go on well above what was given out since. */
async function prepareCatalog(
  file: string,
  { catalog, lost, takenAt }: BackupManifest,
  { folder, now }: RestoreOptions,
  replaced: readonly ReplacedModel[],
): Promise<SkippedNumbers[]> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
  await copyFileDurably(path.join(folder, catalog.file), file, 0o600)
  const restored = await openSqliteCatalog(file)
  try {
    const since = new Map(replaced.map(({ model, nextNumber }) => [model, nextNumber]))
    const models = (await listEveryModel(restored)).map(({ model, nextNumber, createdAt }) => ({
      ...{ nextNumber, createdAt: Date.parse(createdAt), nextNumberSince: since.get(model) },
    }))
    // A model that came after the backup begins anew, above what it had.
    const youngest = replaced.map(({ nextNumber }) => ({
      ...{ nextNumber: 1, createdAt: now, nextNumberSince: nextNumber },
    }))
    const gap = numbersGap([...models, ...youngest], Date.parse(takenAt), now)
    return await restored.writeEveryModel(async (writer) => {
      for (const { digest } of await writer.listDamagedBlobs()) await writer.forgetDamagedBlob(digest)
      const damagedAt = new Date(now).toISOString()
      for (const digest of lost)
        await writer.rememberDamagedBlob({ digest, kind: 'missing', version: '', damagedAt })
      return await writer.skipNumbers(gap)
    })
  } finally {
    await restored.close()
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
