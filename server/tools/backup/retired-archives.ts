import type { ObjectStore } from '../../../storage/object-store.ts'
import type { BackupManifest } from './backup-manifest.ts'

/** An archive of a backup that no release has any more. */
export type RetiredArchive = BackupManifest['retired'][number]

/**
 * Which archives of a backup the catalog names no more, and since when.
 *
 * @param folder of the archives in the store, with a slash at its end
 * @param named digests that the catalog names now
 * @param before what the manifest before said
 * @param takenAt when this backup is taken, by the name of its copy of the catalog (ISO 8601)
 */
export async function findRetired(
  store: Pick<ObjectStore, 'list'>,
  folder: string,
  named: ReadonlySet<string>,
  before: readonly RetiredArchive[],
  takenAt: string,
): Promise<RetiredArchive[]> {
  const since = new Map(before.map((archive) => [archive.digest, archive.since]))
  const retired: RetiredArchive[] = []
  for await (const { key, size } of store.list(folder)) {
    const digest = key.slice(key.lastIndexOf('/') + 1)
    if (!/^[0-9a-f]{64}$/.test(digest) || named.has(digest)) continue
    retired.push({ digest, size, since: since.get(digest) ?? takenAt })
  }
  return retired
}

/**
 * Those that no copy of the catalog names which is still kept.
 *
 * @param oldestCopy when the oldest of these copies was taken, by its name (ISO 8601)
 */
export function unnamedByCopies(retired: readonly RetiredArchive[], oldestCopy: string): RetiredArchive[] {
  return retired.filter(({ since }) => Date.parse(since) <= Date.parse(oldestCopy))
}
