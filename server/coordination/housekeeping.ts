import type { Catalog } from '../catalog/catalog.ts'

/**
 * Which server does what only one may do: pruning, sweeping, looking for orphans, hashing stored blobs. Of all servers over one
 * catalog at most one has a term at any moment; there may be none for a while.
 */
export interface Housekeeping {
  /** This server's term; undefined where another server has it, or none. Ask again for each task. */
  readonly term: HousekeepingTerm | undefined
}

/** A time during which this server is the housekeeper. */
export interface HousekeepingTerm {
  /** Grows with each term of any server: what a former housekeeper still writes can be told apart, and refused. */
  readonly epoch: number
  /** Aborts before another server may have a term: work that is under way ends, and writes nothing more. */
  readonly signal: AbortSignal
  /** The same catalog, whose writes reject, with nothing changed, once another server has a term. */
  readonly fence: (catalog: Catalog) => Catalog
}

/** One server has the catalog for itself: its term begins with it, and ends with its process. */
export class SoleHousekeeper implements Housekeeping {
  readonly term: HousekeepingTerm = {
    ...{ epoch: 1, signal: new AbortController().signal },
    fence: (catalog) => catalog,
  }
}
