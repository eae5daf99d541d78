import path from 'node:path'
import { FilesystemStore } from '../../../storage/filesystem/filesystem-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { isStoreUrl, openConfiguredStorage, openStoreUrl } from '../configured-storage.ts'
import { ToolFailure } from '../tool-failure.ts'
import { realPath } from './same-place.ts'

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
  if (place === 'STORAGE') {
    const { kind, store } = await openConfiguredStorage(env, dataDir)
    return kind === 'bucket' ? store : await openFolder(dataDir)
  }
  if (isStoreUrl(place)) return await openStoreUrl(place, env, path.join(dataDir, 'spool-backup'))
  if (place === 'DATABASE_URL' || place.includes('://'))
    throw new ToolFailure(
      2,
      'A database has no archives: between a folder and a bucket, or two buckets, archives are moved; between a folder and a database ' +
        'the catalog is.',
    )
  return await openFolder(place === 'DATA_DIR' ? dataDir : path.resolve(place))
}

/** Under one name, whatever links lead there: so it is known for what it is where it is both source and target. */
async function openFolder(folder: string): Promise<ObjectStore> {
  return new FilesystemStore(path.join(await realPath(folder), 'blobs'))
}
