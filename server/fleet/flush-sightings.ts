import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Catalog } from '../catalog/catalog.ts'
import type { Clock } from '../time/clock.ts'
import { seenSince } from '../upkeep/retention.ts'
import type { Sighting, Sightings } from './sightings.ts'

/** Processes that are remembered for one archive: more than run anywhere; forged ones push out only each other. */
const MOST_PROCESSES = 1000

/** SQLite answers on the thread that answers polls: so many rows take it some 10 ms. */
const ROWS_AT_ONCE = 500

export interface FlushDependencies {
  catalog: Catalog
  clock: Clock
  sightings: Sightings
}

/**
 * Writes down what polls said since the last time, in few statements and small transactions, and drops what is too old to matter.
 *
 * @throws DomainError as {@link Catalog.writeShared} does; what was not written yet is kept for the next time then.
 */
export async function flushSightings({ catalog, clock, sightings }: FlushDependencies): Promise<void> {
  const seen = sightings.take()
  if (seen.length === 0) return
  let written = 0
  try {
    while (written < seen.length) {
      const rows = seen.slice(written, written + ROWS_AT_ONCE)
      await catalog.writeShared((writer) => writer.recordSightings(rows, MOST_PROCESSES))
      written += rows.length
      await nextTurn()
    }
    await catalog.writeShared((writer) => writer.forgetSightings(seenSince(clock.now())))
  } catch (error) {
    noteAgain(sightings, seen.slice(written))
    throw error
  }
}

function noteAgain(sightings: Sightings, seen: readonly Sighting[]): void {
  for (const { model, process, digest, lastSeen } of seen) {
    sightings.note(model, process, digest, Date.parse(lastSeen))
  }
}
