import type { ComposedCatalog } from './compose-catalog.ts'
import type { ComposedFleet } from './compose-fleet.ts'
import type { ComposedHousekeeping } from './compose-housekeeping.ts'

/**
 * What timers have a server do again and again where others change the same catalog; each call does it once. Timers run by this
 * machine's clock: whoever gives the server another clock, such as a simulation of days, calls these instead.
 */
export interface PeriodicWork {
  /** Takes in what others changed and heard. @throws what the catalog throws. */
  compare(): Promise<void>
  /** Asks to be the housekeeper, or to stay it. @returns whether it is. @throws what the catalog throws. */
  renewTerm(): Promise<boolean>
  /** Concludes from silence, and tells others when bots were heard. It never rejects. */
  saveFleet(): Promise<void>
}

/** Puts the work of several parts together. */
export function periodicWork(
  catalog: Pick<ComposedCatalog, 'compare'>,
  fleet: Pick<ComposedFleet, 'compare' | 'keeper'>,
  housekeeper: Pick<ComposedHousekeeping, 'renew' | 'housekeeping'>,
): PeriodicWork {
  return {
    async compare() {
      await catalog.compare()
      await fleet.compare()
    },
    async renewTerm() {
      await housekeeper.renew()
      return housekeeper.housekeeping.term !== undefined
    },
    async saveFleet() {
      fleet.keeper.tick()
      await fleet.keeper.save()
    },
  }
}
