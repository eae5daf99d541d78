import { rm } from 'node:fs/promises'
import path from 'node:path'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ObjectNotFound, type ObjectStore } from '../../../storage/object-store.ts'
import { backupBlobPath, type BackupManifest } from '../backup/backup-manifest.ts'
import { copyFileDurably, hashFile } from '../backup/durable-file.ts'
import { readStoreManifest, storedBlobKey } from '../backup/store-backup.ts'
import { verifyBackup } from '../backup/verify-backup.ts'
import { ToolFailure } from '../tool-failure.ts'

/** A backup to be restored, wherever it lies. */
export interface BackupReader {
  /**
   * The manifest, after a look whether all that it names is there.
   *
   * @throws ToolFailure (4)
   */
  verify(): Promise<BackupManifest>
  /** Copies the catalog into a file, and compares it with the manifest. @throws ToolFailure (4) */
  copyCatalog(manifest: BackupManifest, file: string): Promise<void>
  /** Reads an archive that the backup brought along. The caller compares its digest. */
  readBlob(digest: string, write: (block: Uint8Array) => Promise<void>): Promise<void>
}

/** A backup in a folder. */
export function folderBackup(folder: string): BackupReader {
  return {
    verify: () => verifyBackup(folder),
    async copyCatalog({ catalog }, file) {
      await copyFileDurably(path.join(folder, catalog.file), file, 0o600)
    },
    async readBlob(digest, write) {
      await hashFile(backupBlobPath(folder, digest), write)
    },
  }
}

/** A backup in an object store. Archives are hashed when they are copied: reading all of them twice would take hours. */
export function storeBackup(store: ObjectStore, prefix: string): BackupReader {
  return {
    async verify() {
      const manifest = await readStoreManifest(store, prefix)
      if (manifest === undefined)
        throw new ToolFailure(4, `${store.description} holds no backup: there is no ${prefix}manifest.json.`)
      for (const { digest, size } of manifest.blobs)
        if ((await store.stat(storedBlobKey(prefix, digest)))?.size !== size)
          throw new ToolFailure(
            4,
            `The backup in ${store.description} lacks the archive ${digest}; nothing was changed.`,
          )
      return manifest
    },
    async copyCatalog({ catalog }, file) {
      await rm(file, { force: true })
      const { chunks } = await store.open(`${prefix}${catalog.file}`).catch((cause: unknown) => {
        if (!(cause instanceof ObjectNotFound)) throw cause
        throw new ToolFailure(
          4,
          `The backup in ${store.description} lacks its catalog; nothing was changed.`,
          { cause },
        )
      })
      await pipeline(copied(chunks), createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }))
      const found = await hashFile(file)
      if (found.sha256 === catalog.sha256 && found.size === catalog.size) return
      throw new ToolFailure(
        4,
        `The catalog of the backup in ${store.description} is damaged; nothing was changed.`,
      )
    },
    async readBlob(digest, write) {
      const { chunks } = await store.open(storedBlobKey(prefix, digest))
      for await (const chunk of chunks) await write(chunk)
    },
  }
}

/** Chunks are the store's again when the next is asked for; a stream keeps them longer. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}
