import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { ClaimedBlobs } from '../releases/claimed-blobs.ts'
import type { ChangeDependencies } from '../releases/change-model.ts'
import type { PromoteDependencies } from '../releases/promote-release.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { VolumeSpace } from '../releases/volume-space.ts'
import { standardReserve } from '../upkeep/disk-space.ts'
import { readTrustedRootFile } from './opening/read-trusted-root-file.ts'
import type { ComposedBallast } from './compose-ballast.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import type { ComposedFleet } from './compose-fleet.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Puts together what every publish goes through, whether by HTTP, inbox or bucket.
 *
 * @param isShared Whether other servers store and delete the same blobs.
 */
export async function composePublishing(
  { config, clock, readSpace }: Surroundings,
  { current }: Pick<ComposedCatalog, 'current'>,
  { deferrableCatalog: catalog, requireRoom }: Pick<ComposedBallast, 'deferrableCatalog' | 'requireRoom'>,
  { blobs, damaged }: ComposedBlobs,
  { tagMover }: ComposedFleet,
  isShared: boolean,
): Promise<PublishDependencies & PromoteDependencies & ChangeDependencies> {
  const reserve = config.minFreeBytes ?? standardReserve(await readSpace())
  return {
    blobs,
    damaged,
    catalog,
    clock,
    current,
    tagMover,
    blobLock: isShared ? new ClaimedBlobs(catalog) : new KeyedMutex(),
    inspect: (options) => new ArchiveInspection(config.archiveLimits, options),
    maxArchiveBytes: config.maxArchiveBytes,
    trustedRoots: await readTrustedRootFile(config.trustedRootFile),
    space: new VolumeSpace(async () => {
      // Archives may lie on the volume of the catalog.
      await requireRoom()
      return blobs.freeBytes()
    }, reserve),
  }
}
