import path from 'node:path'
import { FilesystemStore } from '../../../storage/filesystem/filesystem-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { isStoreUrl, openConfiguredStorage, openStoreUrl } from '../configured-storage.ts'
import { ToolFailure } from '../tool-failure.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether a place says that archives are to be moved and no catalog: a bucket, or what STORAGE says. */
export function namesStore(place: string): boolean {
  return place === 'STORAGE' || isStoreUrl(place)
}

/**
 * Opens where archives lie: a bucket, what STORAGE says, or a data directory.
 *
 * @throws ToolFailure
 */
export async function openArchives(place: string, env: Environment, dataDir: string): Promise<ObjectStore> {
  if (place === 'STORAGE') return (await openConfiguredStorage(env, dataDir)).store
  if (isStoreUrl(place)) return await openStoreUrl(place, env, path.join(dataDir, 'spool-backup'))
  if (place === 'DATABASE_URL' || place.includes('://'))
    throw new ToolFailure(
      2,
      'A database has no archives: between a folder and a bucket, or two buckets, archives are moved; between a folder and a database ' +
        'the catalog is.',
    )
  return new FilesystemStore(path.join(place === 'DATA_DIR' ? dataDir : path.resolve(place), 'blobs'))
}
