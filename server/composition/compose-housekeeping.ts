import { LeaseHousekeeper } from '../upkeep/lease-housekeeper.ts'
import { SoleHousekeeper, type Housekeeping } from '../coordination/housekeeping.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import type { Surroundings } from './surroundings.ts'
import { thisPlace } from './opening/this-place.ts'

/** Whether this server does what one does for all. */
export interface ComposedHousekeeping {
  housekeeping: Housekeeping
  /** Asks for the term, or renews it, as is done every five seconds. @throws what the catalog throws. */
  renew(): Promise<void>
  start(): void
  /** Lets another server do it for a while. Never rejects. */
  giveWay(): Promise<void>
  /** Lets another server do it. */
  stop(): Promise<void>
}

/** Long enough for each of the others to have asked, and for one that gives way, too, to have found out. */
const GIVING_WAY_MILLISECONDS = 60_000

/** A catalog in a file has one server; those over a database agree on one of them. */
export async function composeHousekeeping(
  { config, logger, monotonic }: Surroundings,
  { catalog, group, isLost }: Pick<ComposedCatalog, 'catalog' | 'group' | 'isLost'>,
): Promise<ComposedHousekeeping> {
  if (group === undefined || isLost()) {
    const nothing = () => Promise.resolve()
    const alone = { renew: nothing, start: () => undefined, giveWay: nothing, stop: nothing }
    return { housekeeping: new SoleHousekeeper(), ...alone }
  }
  const self = { holder: group.id, ...(await thisPlace(config.dataDir)) }
  const housekeeping = new LeaseHousekeeper({
    catalog,
    self,
    monotonic,
    onChange: (epoch) => {
      if (epoch === undefined) logger.info('housekeeping_ended')
      else logger.info({ epoch }, 'housekeeping_begun')
    },
  })
  return {
    housekeeping,
    renew: () => housekeeping.renew(),
    start() {
      housekeeping.start()
    },
    giveWay: () => housekeeping.giveWay(GIVING_WAY_MILLISECONDS),
    stop: () => housekeeping.stop(),
  }
}
