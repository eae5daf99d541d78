import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { syncPath } from '../../../storage/filesystem/replace-file.ts'
import { blobFile, downloadBlob, isStored, type ArchiveLocation } from './archive-location.ts'
import { backupBlobPath, type BackupManifest } from './backup-manifest.ts'
import { copyFileDurably, hashFile, linkOrCopyFile } from './durable-file.ts'
import type { CatalogSnapshot } from './snapshot-catalog.ts'

/** How a backup brings blobs into its folder. */
export interface CollectOptions {
  /** Of the backup. */
  folder: string
  archives: ArchiveLocation
  /** Copies even where a hard link would do: a link shares the disk, and its rot. */
  copy: boolean
  /** Hashes also what an earlier backup brought here. */
  verifyAll: boolean
  signal?: AbortSignal
}

/** Where the blobs of a backup are. */
export interface CollectedBlobs {
  /** In its folder. */
  kept: BackupManifest['blobs']
  /** In the bucket of the server. */
  stored: BackupManifest['stored']
  /** How many it brought. */
  added: number
  /** Digests whose blobs are damaged or missing. */
  lost: string[]
}

/**
 * Brings blobs into the folder of a backup, durably. What an earlier backup brought is used again.
 *
 * @param before What that one says of them.
 */
export async function collectBlobs(
  { folder, archives, copy, verifyAll, signal }: CollectOptions,
  blobs: CatalogSnapshot['blobs'],
  before: BackupManifest['blobs'],
): Promise<CollectedBlobs> {
  const known = new Map(verifyAll ? [] : before.map((blob) => [blob.digest, blob]))
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
