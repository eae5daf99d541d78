import path from 'node:path'
import { FilesystemStore } from '../../../storage/filesystem/filesystem-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { ObjectBlobs } from '../../blobs/object-blobs.ts'
import type { PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import type { SkippedNumbers } from '../../catalog/models.ts'
import { blobFile } from '../backup/archive-location.ts'
import type { BackupManifest } from '../backup/backup-manifest.ts'
import { hashFile } from '../backup/durable-file.ts'
import type { ConfiguredStorage } from '../configured-storage.ts'
import { ToolFailure } from '../tool-failure.ts'
import { folderBackup, type BackupReader } from './backup-reader.ts'
import { prepareCatalog } from './prepare-catalog.ts'
import type { ReplayedRecords } from './replay-records.ts'
import { restoreIntoDatabase } from './restore-into-database.ts'
import { restoreIntoFolder } from './restore-into-folder.ts'
import type { RestoredTokens } from './revoke-ended-tokens.ts'

export interface RestoreOptions {
  /** Where the backup lies; a folder, or what reads it. Undefined: a catalog is made from the records in the bucket. */
  folder?: string
  backup?: BackupReader
  dataDir: string
  /** The database that the catalog is put into; undefined: the data directory. */
  database?: PostgresSettings | undefined
  /** Where the server that is restored keeps its archives; files in the data directory where it is not said. */
  storage?: ConfiguredStorage
  /** Puts the backup in the place of a catalog that is there; that one is set aside. */
  replace: boolean
  /** Has no token of the backup open anything. */
  revokesTokens?: boolean
  /** Milliseconds since 1970. */
  now: number
}

/** What a restore did. */
export interface RestoreReport {
  /** When the backup was taken; null where there was none, and records alone were read. */
  takenAt: string | null
  blobs: number
  /** Where the numbers of each model go on. */
  numbers: SkippedNumbers[]
  /** Digests of releases whose archives were lost before the backup, or are no longer in the bucket. */
  lost: string[]
  /** What became of tokens. */
  tokens: RestoredTokens
  /** What came after the backup, by the records in the bucket. */
  replayed: ReplayedRecords
  /** Where the catalog is that was there before. */
  setAside: string | null
}

/**
 * Restores a backup into a data directory that no server uses, or a database that none runs over, and brings it up to what the records in the bucket say where
 * archives lie in one. Everything is looked at before anything is changed, and the catalog, which makes the rest visible, is
 * put in place last and at once: whatever interrupts this leaves what was there as it was.
 *
 * @throws ToolFailure
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { dataDir, database, replace, now } = options
  const target =
    database === undefined
      ? await restoreIntoFolder(dataDir, replace, now)
      : await restoreIntoDatabase(database, dataDir, replace, now)
  try {
    const storage = options.storage ?? filesOf(dataDir)
    const blobs = new ObjectBlobs(storage.store, () => Promise.resolve(undefined))
    const backup = options.backup ?? (options.folder === undefined ? undefined : folderBackup(options.folder))
    const manifest = await backup?.verify()
    const goneSince = await restoreArchives(manifest, backup, blobs, fileAt(storage, dataDir))
    const lost = [...(manifest?.lost ?? []), ...goneSince]
    const replaced = await target.readReplaced()
    const tokens = replaced?.tokens ?? (await target.readLastKnownTokens())
    const records = storage.kind === 'bucket' ? storage.store : undefined
    const prepared = await prepareCatalog({
      file: target.workFile,
      manifest,
      backup,
      replaced: replaced?.models ?? [],
      tokens,
      revokesTokens: options.revokesTokens ?? false,
      lost,
      records,
      blobs,
      now,
    })
    const setAside = await target.put()
    const named = (manifest?.blobs.length ?? 0) + (manifest?.stored.length ?? 0)
    return {
      takenAt: manifest?.takenAt ?? null,
      blobs: named - goneSince.length,
      lost,
      setAside,
      ...prepared,
    }
  } finally {
    await target.release()
  }
}

function filesOf(dataDir: string): ConfiguredStorage {
  return { kind: 'files', store: new FilesystemStore(path.join(dataDir, 'blobs')) }
}

function fileAt({ kind }: { kind: 'files' | 'bucket'; store: ObjectStore }, dataDir: string) {
  return kind === 'files' ? (digest: string) => blobFile(dataDir, digest) : undefined
}

/**
 * Puts the archives of a backup in place, and looks whether those are there that the backup left in the bucket.
 *
 * @returns the digests of those that are not.
 */
async function restoreArchives(
  manifest: BackupManifest | undefined,
  backup: BackupReader | undefined,
  blobs: BlobStore,
  fileOf: ((digest: string) => string) | undefined,
): Promise<string[]> {
  if (manifest === undefined || backup === undefined) return []
  for (const blob of manifest.blobs) await restoreBlob(blobs, backup, blob, fileOf?.(blob.digest))
  const gone: string[] = []
  for (const { digest, size } of manifest.stored)
    if ((await blobs.stat(digest))?.size !== size) gone.push(digest)
  return gone
}

/** @param file Where the archive lies already, if it is there; hashed, as nobody vouches for it. */
async function restoreBlob(
  blobs: BlobStore,
  backup: BackupReader,
  { digest, size }: { digest: string; size: number },
  file: string | undefined,
): Promise<void> {
  if (file === undefined) {
    if ((await blobs.stat(digest))?.size === size) return
  } else {
    const found = await hashFile(file).catch(() => undefined)
    if (found?.sha256 === digest && found.size === size) return
  }
  const staged = await blobs.stage()
  try {
    await backup.readBlob(digest, (block) => staged.write(block))
    if (staged.digest() !== digest)
      throw new ToolFailure(4, `The blob ${digest} of the backup changed while it was read.`)
    await staged.commit({ replace: true })
  } finally {
    await staged.discard()
  }
}
