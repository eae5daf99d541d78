import { ObjectNotFound, type ObjectStore } from '../../../storage/object-store.ts'
import { readObject } from '../../../storage/read-object.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { appendChanges } from '../../access/audit/audited-change.ts'
import { LEASE_KEY, parseLease } from '../../blobs/lease-record.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { SkippedNumbers } from '../../catalog/models.ts'
import { forgetLeases } from '../../catalog/sqlite/forget-leases.ts'
import { removeDatabase } from '../../catalog/sqlite/remove-database.ts'
import { openSqliteCatalog } from '../../catalog/sqlite/sqlite-catalog.ts'
import { numbersGap } from '../../releases/numbers-gap.ts'
import { forgetRecorded } from '../../exporting/records/forget-recorded.ts'
import type { BackupManifest } from '../backup/backup-manifest.ts'
import { BACKUP_TASK } from '../backup/backup-task.ts'
import { ToolFailure } from '../tool-failure.ts'
import type { BackupReader } from './backup-reader.ts'
import type { ReplacedModel } from './replaced-catalog.ts'
import { listEveryModel } from '../../catalog/list-every-model.ts'
import { revokeEndedTokens, type LastKnownTokens, type RestoredTokens } from './revoke-ended-tokens.ts'
import { replayRecords, type ReplayedRecords } from './replay-records.ts'

export interface PrepareOptions {
  /** Where the catalog is made; nothing of it is visible there. */
  file: string
  /** Undefined: it is made from records alone. */
  manifest: BackupManifest | undefined
  backup: BackupReader | undefined
  /** The models of the catalog whose place it takes. */
  replaced: readonly ReplacedModel[]
  /** The tokens that were good last, as far as that is known. */
  tokens: LastKnownTokens | undefined
  /** Has no token of the backup open anything. */
  revokesTokens: boolean
  /** Digests of archives that are not there. */
  lost: readonly string[]
  /** The bucket whose records are read; undefined where archives lie in files. */
  records: ObjectStore | undefined
  blobs: BlobStore
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Makes the catalog that a restore puts in place: the copy of the backup in this version's tables, brought up to what the
 * records say, with numbers that go on well above what may have been given out since.
 *
 * @throws ToolFailure where there is nothing to make it of.
 */
export async function prepareCatalog(
  options: PrepareOptions,
): Promise<{ numbers: SkippedNumbers[]; replayed: ReplayedRecords; tokens: RestoredTokens }> {
  const { file, manifest, backup, replaced, lost, records, blobs, now } = options
  await removeDatabase(file)
  if (manifest !== undefined && backup !== undefined) {
    await backup.copyCatalog(manifest, file)
    forgetLeases(file)
  }
  const restored = await openSqliteCatalog(file)
  try {
    if (records !== undefined && manifest === undefined) await takeOwnersIdentity(restored, records)
    const replayed =
      records === undefined ? { releases: 0, tags: 0 } : await replayRecords(restored, records, blobs, now)
    if (manifest === undefined && (await listEveryModel(restored)).length === 0)
      throw nothingToRestore(records)
    const gap = await gapOf(
      restored,
      replaced,
      Date.parse(manifest?.takenAt ?? new Date(now).toISOString()),
      now,
    )
    const numbers = await restored.writeEveryModel(async (writer) => {
      for (const { digest } of await writer.listDamagedBlobs()) await writer.forgetDamagedBlob(digest)
      const damagedAt = new Date(now).toISOString()
      for (const digest of lost)
        await writer.rememberDamagedBlob({ digest, kind: 'missing', version: '', damagedAt })
      return await writer.skipNumbers(gap)
    })
    const tokens = await revokeEndedTokens(restored, options.tokens, options.revokesTokens, now)
    await forgetWrittenElsewhere(restored, now)
    await noteRestore(restored, manifest, now)
    return { numbers, replayed, tokens }
  } finally {
    await restored.close()
  }
}

function nothingToRestore(records: ObjectStore | undefined): ToolFailure {
  const where = records?.description ?? 'the storage'
  return new ToolFailure(
    4,
    `${where} holds neither a backup nor records of a catalog: check bucket and folder (REMOTE_STORAGE_PATH), or name the place of a backup.`,
  )
}

/** The bucket may be another one than that of the server that was backed up: nothing of what that one wrote beside its archives need be there. */
async function forgetWrittenElsewhere(restored: Catalog, now: number): Promise<void> {
  const never = { position: '', begunAt: new Date(now).toISOString(), completedAt: null }
  const models = await listEveryModel(restored)
  await restored.writeShared(async (writer) => {
    await forgetRecorded(writer, models, now)
    await writer.saveTaskProgress(BACKUP_TASK, never)
  })
}

/** What happened between the backup and now is not in the audit: an entry says why. */
async function noteRestore(
  restored: Catalog,
  manifest: BackupManifest | undefined,
  now: number,
): Promise<void> {
  const { sequence, hash } = await restored.auditHead()
  const after = { takenAt: manifest?.takenAt ?? null, lastEntry: sequence, hash }
  await restored.writeShared((writer) =>
    appendChanges(writer, [{ action: 'catalog.restored', before: null, after }], undefined, now),
  )
}

/** A catalog that is made from the records of a bucket is the successor of the one that wrote them, and owns the bucket. */
async function takeOwnersIdentity(catalog: Catalog, bucket: ObjectStore): Promise<void> {
  try {
    const { server } = parseLease((await readObject(bucket, LEASE_KEY)).bytes.toString())
    await catalog.writeShared((writer) => writer.takeIdentity(server))
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error
  }
}

async function gapOf(
  restored: Catalog,
  replaced: readonly ReplacedModel[],
  takenAt: number,
  now: number,
): Promise<number> {
  const since = new Map(replaced.map(({ model, nextNumber }) => [model, nextNumber]))
  const models = []
  for (const { model, nextNumber, createdAt } of await listEveryModel(restored))
    models.push({ nextNumber, createdAt: Date.parse(createdAt), nextNumberSince: since.get(model) })
  // A model that came after the backup begins anew, above what it had.
  const youngest = replaced.map(({ nextNumber }) => ({
    nextNumber: 1,
    createdAt: now,
    nextNumberSince: nextNumber,
  }))
  return numbersGap([...models, ...youngest], takenAt, now)
}
