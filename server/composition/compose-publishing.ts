import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { VolumeSpace } from '../releases/volume-space.ts'
import { standardReserve } from '../upkeep/disk-space.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import type { Surroundings } from './surroundings.ts'

/** Puts together what every publish goes through, whether by HTTP, inbox or bucket. */
export async function composePublishing(
  { config, clock, readSpace }: Surroundings,
  { catalog, current }: ComposedCatalog,
  { blobs }: ComposedBlobs,
): Promise<PublishDependencies> {
  const reserve = config.minFreeBytes ?? standardReserve(await readSpace())
  return {
    ...{ blobs, catalog, clock, current },
    blobLock: new KeyedMutex(),
    inspect: (options) => new ArchiveInspection(config.archiveLimits, options),
    maxArchiveBytes: config.maxArchiveBytes,
    space: new VolumeSpace(() => blobs.freeBytes(), reserve),
  }
}
