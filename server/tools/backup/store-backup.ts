import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ObjectNotFound, type ObjectStore } from '../../../storage/object-store.ts'
import { readObject } from '../../../storage/read-object.ts'
import { replaceObject } from '../../../storage/replace-object.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { version } from '../../config/version.ts'
import { copyArchive } from '../copy-archive.ts'
import { ToolFailure } from '../tool-failure.ts'
import { isLoss, isStored } from './archive-location.ts'
import type { CatalogSource } from './catalog-source.ts'
import { BackupTurn } from './backup-turn.ts'
import {
  CATALOG_COPY,
  catalogCopyName,
  MANIFEST_NAME,
  parseManifest,
  takenAtOf,
  type BackupManifest,
} from './backup-manifest.ts'
import { findRetired, unnamedByCopies } from './retired-archives.ts'
import { snapshotCatalog } from './snapshot-catalog.ts'
import type { BackupReport } from './take-backup.ts'

/** Where backups lie in the bucket that holds the archives. */
export const BACKUPS_PREFIX = 'backups/'

/** Copies of the catalog that stay: two days of hourly ones. */
const KEPT_COPIES = 48
const DAY = 24 * 60 * 60 * 1000

export interface StoreBackupOptions {
  catalog: CatalogSource
  /** A folder on the local disk for the copy on its way; removed from there afterwards. */
  scratch: string
  target: ObjectStore
  /** Of the keys in `target`, with a slash at its end. */
  prefix: string
  blobs: BlobStore
  /** Whether the archives are to be copied into `target` too: they lie elsewhere. */
  copyBlobs: boolean
  /** How many copies of the catalog stay; 48 where absent. What only older ones name is removed. */
  keptCopies?: number
  /** Milliseconds since 1970. */
  now: number
  signal?: AbortSignal
}

/**
 * Backs a catalog up into an object store, while its server runs or not. The manifest is written last: until then the backup
 * before stays whole. Of several into one place at the same time one goes through.
 *
 * @throws ToolFailure, and what the store throws.
 */
export async function backUpToStore(options: StoreBackupOptions): Promise<BackupReport> {
  const { catalog: source, scratch, target, prefix, now } = options
  const takenAt = new Date(now).toISOString()
  await removeOldScratch(scratch, now)
  const turn = await BackupTurn.begin(target, prefix)
  const before = await readStoreManifest(target, prefix)
  const place = placeInOrder(now, before)
  const name = catalogCopyName(place, randomBytes(3).toString('hex'))
  try {
    const { blobs, server, ...catalog } = await snapshotCatalog(source, scratch, name)
    if (before?.server !== undefined && before.server !== server) throw otherServers(target, before)
    const { kept, stored, lost, added } = await collectBlobs(options, blobs)
    const named = new Set(blobs.map(({ digest }) => digest))
    const earlier = before?.retired ?? []
    const retired = options.copyBlobs
      ? await findRetired(target, `${prefix}blobs/`, named, earlier, place)
      : earlier
    await putFile(target, `${prefix}${name}`, path.join(scratch, name), catalog.sha256)
    const manifest: BackupManifest = {
      format: 'slipway-backup',
      version: 2,
      takenAt,
      takenBy: version,
      ...(server === undefined ? {} : { server }),
      catalog,
      blobs: kept,
      stored,
      retired,
      lost,
    }
    await turn.take(name).catch(async (error: unknown) => {
      await target.delete(`${prefix}${name}`).catch(() => undefined)
      throw error
    })
    await replaceObject(target, `${prefix}${MANIFEST_NAME}`, Buffer.from(JSON.stringify(manifest)))
    // What is removed below may be what another backup has begun to name since.
    await turn.confirm()
    const oldest = await removeOldCopies(target, prefix, options.keptCopies ?? KEPT_COPIES)
    for (const { digest } of unnamedByCopies(retired, oldest ?? place))
      await target.delete(storedBlobKey(prefix, digest))
    const all = [...kept, ...stored]
    const bytes = all.reduce((sum, { size }) => sum + size, 0)
    return { takenAt, blobs: all.length, bytes, added, lost }
  } finally {
    for (const file of [name, `${name}.partial`]) await rm(path.join(scratch, file), { force: true })
  }
}

/**
 * The moment that orders a copy among the others: after that of the backup before, also where the clock was set back. The
 * oldest are removed, and archives that only they name.
 */
function placeInOrder(now: number, before: BackupManifest | undefined): string {
  const last = before === undefined ? 0 : Date.parse(takenAtOf(before.catalog.file))
  return new Date(Math.max(now, last + 1)).toISOString()
}

/** Copies that a killed process left on their way, a day later. */
async function removeOldScratch(scratch: string, now: number): Promise<void> {
  for (const name of await readdir(scratch)) {
    if (!CATALOG_COPY.test(name.replace(/\.partial$/, ''))) continue
    const file = path.join(scratch, name)
    const facts = await stat(file).catch(() => undefined)
    if (facts !== undefined && facts.mtimeMs < now - DAY) await rm(file, { force: true })
  }
}

/** The manifest of the backup in a store; undefined where there is none. */
export async function readStoreManifest(
  store: ObjectStore,
  prefix: string,
): Promise<BackupManifest | undefined> {
  const key = `${prefix}${MANIFEST_NAME}`
  try {
    return parseManifest((await readObject(store, key)).bytes.toString(), `${key} in ${store.description}`)
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

/** Where a backup in a store keeps an archive. */
export function storedBlobKey(prefix: string, digest: string): string {
  return `${prefix}blobs/${digest.slice(0, 2)}/${digest}`
}

async function collectBlobs(
  { blobs, copyBlobs, target, prefix, signal }: StoreBackupOptions,
  named: readonly { digest: string; size: number }[],
): Promise<{
  kept: BackupManifest['blobs']
  stored: BackupManifest['stored']
  lost: string[]
  added: number
}> {
  const kept: BackupManifest['blobs'] = []
  const stored: BackupManifest['stored'] = []
  const lost: string[] = []
  let added = 0
  for (const blob of named) {
    signal?.throwIfAborted()
    if (!copyBlobs) {
      if (await isStored(blobs, blob)) stored.push(blob)
      else lost.push(blob.digest)
      continue
    }
    const key = storedBlobKey(prefix, blob.digest)
    if ((await target.stat(key))?.size !== blob.size) {
      if (!(await copyBlob(blobs, blob.digest, target, key))) {
        lost.push(blob.digest)
        continue
      }
      added++
    }
    kept.push({ ...blob, modifiedAt: 0 })
  }
  return { kept, stored, lost, added }
}

/** @returns false where the archive is damaged or missing. */
async function copyBlob(
  blobs: BlobStore,
  digest: string,
  target: ObjectStore,
  key: string,
): Promise<boolean> {
  try {
    if ((await blobs.stat(digest)) === undefined) return false
    return await copyArchive(await blobs.open(digest), digest, target, key)
  } catch (error) {
    if (isLoss(error)) return false
    throw error
  }
}

async function putFile(store: ObjectStore, key: string, file: string, sha256: string): Promise<void> {
  const staged = await store.stage()
  try {
    for await (const chunk of createReadStream(file)) await staged.write(chunk as Buffer)
    await staged.commit(key, { sha256, ifExists: 'replace' })
  } finally {
    await staged.discard()
  }
}

/**
 * Their names sort by when they were taken.
 *
 * @returns when the oldest of those that stay was taken; undefined where there is none
 */
async function removeOldCopies(
  store: ObjectStore,
  prefix: string,
  keep: number,
): Promise<string | undefined> {
  const copies: string[] = []
  for await (const { key } of store.list(`${prefix}catalog-`))
    if (CATALOG_COPY.test(key.slice(prefix.length))) copies.push(key.slice(prefix.length))
  copies.sort()
  for (const name of copies.splice(0, Math.max(0, copies.length - keep)))
    await store.delete(`${prefix}${name}`)
  return copies[0] === undefined ? undefined : takenAtOf(copies[0])
}

function otherServers(store: ObjectStore, { takenAt }: BackupManifest): ToolFailure {
  return new ToolFailure(
    2,
    `${store.description} holds the backup of another server (taken ${takenAt}); name another place.`,
  )
}
