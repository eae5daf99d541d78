import type { Catalog } from '../catalog/catalog.ts'
import type { DiskSpace } from '../upkeep/disk-space.ts'
import type { OpenedStorage } from './opening/open-storage.ts'
import type { Looks } from '../http/pace.ts'

/** What may stand in for the machine's own: a store whose reads fail, a volume of another size. */
export interface Replacements {
  storage?: OpenedStorage
  readSpace?: () => Promise<DiskSpace>
  /** With another clock: milliseconds that only grow at its pace. */
  monotonic?: () => number
  /** With another clock: when it is looked how fast archives go. */
  looks?: Looks
  /** As `randomBytes` of node:crypto: what decides which bots come first in a rollout. */
  random?: (bytes: number) => Buffer
  /** Stands between the server and the catalog that it opens. */
  wrapCatalog?: (catalog: Catalog) => Catalog
}
