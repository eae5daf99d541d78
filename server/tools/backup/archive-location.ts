import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { DomainError } from '../../errors/errors.ts'
import type { BlobOutline } from '../../catalog/blobs.ts'

/** Where the server that is backed up keeps its archives. */
export type ArchiveLocation =
  | { kind: 'files'; dataDir: string }
  /** In a bucket, where they stay unless a backup is to bring them along. */
  | { kind: 'bucket'; blobs: BlobStore; bring: boolean }

/** Where an archive lies in a data directory. */
export function blobFile(dataDir: string, digest: string): string {
  return path.join(dataDir, 'blobs', 'sha256', digest.slice(0, 2), digest)
}

/** Whether an archive is in the bucket, as far as can be told without reading it. */
export async function isStored(blobs: BlobStore, { digest, size }: BlobOutline): Promise<boolean> {
  try {
    return (await blobs.stat(digest))?.size === size
  } catch (error) {
    if (isLoss(error)) return false
    throw error
  }
}

/**
 * Brings an archive from a bucket into a file, whole and hashed, or not at all.
 *
 * @returns false where the bucket does not have it, or has other bytes.
 */
export async function downloadBlob(
  blobs: BlobStore,
  { digest, size }: BlobOutline,
  target: string,
  hash: (file: string) => Promise<{ sha256: string; size: number }>,
): Promise<boolean> {
  const partial = `${target}.partial`
  await rm(partial, { force: true })
  const file = await open(partial, 'wx', 0o400)
  try {
    const blob = await blobs.open(digest)
    try {
      for await (const chunk of blob.chunks) await file.writeFile(chunk)
    } finally {
      await blob.close()
    }
    await file.sync()
  } catch (error) {
    if (!isLoss(error)) throw error
    await rm(partial, { force: true })
    return false
  } finally {
    await file.close()
  }
  const found = await hash(partial)
  const isSound = found.sha256 === digest && found.size === size
  if (isSound) await rename(partial, target)
  else await rm(partial)
  return isSound
}

/** Whether an archive is damaged or missing, and no more can be had of it by asking again. */
export function isLoss(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'blob-missing' || error.code === 'blob-damaged')
}
