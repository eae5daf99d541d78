import { CatalogFleetStore } from '../fleet/catalog-fleet-store.ts'
import { DroppedCounts, type Dropped } from '../fleet/dropped-counts.ts'
import type { FleetEvent } from '../fleet/fleet-event.ts'
import { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { logAtMostEvery } from './logging/log-at-most-every.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'
import type { Surroundings } from './surroundings.ts'

/** A fleet that is larger than there is room for drops something with every poll. */
const DROPPED_WARNING_MILLISECONDS = 60_000

/** Is told what is concluded about processes of a model. */
export type ConclusionListener = (events: readonly FleetEvent[], model: string) => void

/** What polls say of bots. */
export interface ComposedTracker {
  tracker: FleetTracker
  /** What of polls was not kept. */
  dropped: DroppedCounts
  /** Tells what is concluded from now on. */
  readonly onConclusions: (listener: ConclusionListener) => void
}

/** Puts together what takes in what polls say, and has the catalog keep it. */
export function composeTracker(
  { config, clock, logger, monotonic }: Surroundings,
  { catalog, released, isLost }: Pick<ComposedCatalog, 'catalog' | 'released' | 'isLost'>,
): ComposedTracker {
  const dropped = new DroppedCounts(logDropped(logger))
  const listeners: ConclusionListener[] = []
  const tracker = new FleetTracker({
    store: new CatalogFleetStore(catalog),
    clock,
    monotonic,
    isReleased: released.has,
    maxProcesses: config.maxProcesses,
    keepDays: config.fleetDays,
    isShared: config.database !== undefined,
    onFailure: logCatalogFailures(logger, isLost, 'fleet_unsaved'),
    onDropped: (what, count, now) => {
      dropped.note(what, count, now)
    },
    onConclusion: (model, events) => {
      for (const listener of listeners) listener(events, model)
    },
  })
  return {
    tracker,
    dropped,
    onConclusions(listener) {
      listeners.push(listener)
    },
  }
}

/** Says at most once a minute that something of what polls said is not kept, of each kind. */
function logDropped(logger: Surroundings['logger']): (what: Dropped, count: number) => void {
  const warnOf = (event: string) =>
    logAtMostEvery<number>(DROPPED_WARNING_MILLISECONDS, (count) => {
      logger.warn({ count }, event)
    })
  const warnings = { polls: warnOf('bots_untracked'), events: warnOf('events_dropped') }
  return (what, count) => {
    warnings[what](count)
  }
}
