import path from 'node:path'
import type { Catalog } from '../catalog/catalog.ts'
import {
  Ballast,
  BALLAST_FILE,
  ballastBytes,
  catalogBesideBallast,
  catalogLeavingBallast,
} from '../upkeep/ballast.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import type { Surroundings } from './surroundings.ts'

/** The room that is kept for changes that cannot wait for a disk that is full. */
export interface ComposedBallast {
  ballast: Ballast
  /** Refuses what can wait, see {@link Ballast.requireRoom}. */
  requireRoom: () => Promise<void>
  /** How many bytes must be free for what can wait, where it has to for want of room; undefined: it has not. */
  missingRoom: () => Promise<number | undefined>
  /** For what frees room, brings bots back or keeps somebody out: on a full disk it takes the place of the ballast. */
  urgentCatalog: Catalog
  /** For all else: publishes, promotions, steps that go forward, what polls say of bots. It takes nothing of the room that is left where the ballast is given up. */
  deferrableCatalog: Catalog
}

/** What is written through where the disk may be full. */
export type BallastCatalogs = Pick<ComposedBallast, 'urgentCatalog' | 'deferrableCatalog'>

/** Takes no room yet. */
export async function composeBallast(
  { config, readSpace }: Surroundings,
  { catalog, isLost }: ComposedCatalog,
): Promise<ComposedBallast> {
  const ballast = new Ballast(path.join(config.dataDir, BALLAST_FILE), {
    bytes: ballastBytes((await readSpace()).total),
    freeBytes: async () => (await readSpace()).free,
  })
  // A database lies on another disk, which has nothing of the room that is given up here.
  const isOnThisDisk = config.database === undefined && !isLost()
  if (!isOnThisDisk) {
    const nothing = () => Promise.resolve(undefined)
    return {
      ballast,
      requireRoom: nothing,
      missingRoom: nothing,
      urgentCatalog: catalog,
      deferrableCatalog: catalog,
    }
  }
  return {
    ballast,
    requireRoom: () => ballast.requireRoom(),
    missingRoom: async () => ((await ballast.areOthersWaiting()) ? ballast.neededBytes : undefined),
    urgentCatalog: catalogBesideBallast(catalog, ballast),
    deferrableCatalog: catalogLeavingBallast(catalog, ballast),
  }
}
