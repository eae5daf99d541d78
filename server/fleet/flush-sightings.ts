import type { Catalog } from '../catalog/catalog.ts'
import type { Clock } from '../time/clock.ts'
import { seenSince } from '../upkeep/retention.ts'
import type { Sightings } from './sightings.ts'

/** Processes that are remembered for one archive: more than run anywhere; forged ones push out only each other. */
const MOST_PROCESSES = 1000

export interface FlushDependencies {
  catalog: Catalog
  clock: Clock
  sightings: Sightings
}

/**
 * Writes down, in one transaction, what polls said since the last time, and drops what is too old to matter.
 *
 * @throws DomainError as {@link Catalog.write} does; what was noted is kept for the next time then.
 */
export async function flushSightings({ catalog, clock, sightings }: FlushDependencies): Promise<void> {
  const seen = sightings.take()
  if (seen.length === 0) return
  try {
    await catalog.writeShared(async (writer) => {
      await writer.recordSightings(seen, MOST_PROCESSES)
      await writer.forgetSightings(seenSince(clock.now()))
    })
  } catch (error) {
    for (const { model, process, digest, lastSeen } of seen)
      sightings.note(model, process, digest, Date.parse(lastSeen))
    throw error
  }
}
