import type { Release } from '../../releases/release.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Catalog, CatalogWriter } from '../../catalog/catalog.ts'
import type { ReleaseRecord } from '../../exporting/records/catalog-record.ts'
import { listEveryModel } from '../../catalog/list-every-model.ts'
import { replaceRollout } from '../../rollouts/steer-rollout.ts'
import { readRecords, type RecordedModel } from './read-records.ts'

/** What the records in the bucket added to a catalog. */
export interface ReplayedRecords {
  /** Releases that came after the backup. */
  releases: number
  /** Tags that were moved to where the records say they point. */
  tags: number
}

/** Who moved a tag that a restore moved, in its history. */
const BY = 'restore'

/**
 * Brings a restored catalog up to what the records in the bucket say: releases that were published after the backup, and
 * where tags pointed last. A release whose archive is not in the bucket is left out.
 *
 * @param store where the records lie
 * @param blobs where the archives lie
 * @param now Milliseconds since 1970.
 */
export async function replayRecords(
  catalog: Catalog,
  store: ObjectStore,
  blobs: BlobStore,
  now: number,
): Promise<ReplayedRecords> {
  const next = new Map<string, number>()
  for (const { model, nextNumber } of await listEveryModel(catalog)) next.set(model, nextNumber)
  const replayed: ReplayedRecords = { releases: 0, tags: 0 }
  for await (const recorded of readRecords(store, (model) => next.get(model) ?? 1)) {
    const whole: ReleaseRecord[] = []
    for (const release of recorded.releases)
      if ((await blobs.stat(release.digest))?.size === release.size) whole.push(release)
    const { model } = recorded.tags
    const added = await catalog.write(model, (writer) => replayModel(writer, recorded, whole, now))
    replayed.releases += added.releases
    replayed.tags += added.tags
  }
  return replayed
}

async function replayModel(
  writer: CatalogWriter,
  { tags: record }: RecordedModel,
  releases: readonly ReleaseRecord[],
  now: number,
): Promise<ReplayedRecords> {
  const { model, defaultTag, createdAt, nextNumber, signatures, quota } = record
  await writer.ensureModel(model, createdAt)
  if (signatures !== undefined) await writer.setSignatures(model, signatures)
  if (quota !== undefined) await writer.setQuota(model, quota)
  for (const { format, archive, bundle, ...release } of releases)
    await writer.restoreRelease({ ...release, archive: archive as unknown as Release['archive'] }, bundle)
  await writer.raiseNextNumber(model, nextNumber)
  let moved = 0
  for (const { tag, release, movedAt, reason } of record.tags) {
    if ((await writer.findTag(model, tag))?.release === release) continue
    if ((await writer.findRelease(model, release)) === undefined) continue
    await writer.moveTag(model, tag, release, { movedAt, movedBy: BY, reason })
    await endRollout(writer, model, tag, release, now)
    moved++
  }
  const known = await writer.findTag(model, defaultTag)
  if (known !== undefined && (await writer.findModel(model))?.defaultTag !== defaultTag)
    await writer.setDefaultTag(model, defaultTag)
  return { releases: releases.length, tags: moved }
}

/** Bots get what the rollout of a tag brings out, and it would take the tag back. Its end is not recorded. */
async function endRollout(
  writer: CatalogWriter,
  model: string,
  tag: string,
  release: number,
  now: number,
): Promise<void> {
  const underWay = await writer.findRolloutUnderWay(model, tag)
  if (underWay === undefined) return
  const replaced = replaceRollout(underWay, { by: BY, to: release, isRollback: false }, now)
  const reason = `the restore moved "${tag}" to release ${release}, where it pointed last`
  await writer.saveRollout({ ...replaced, reason })
}
