import { EventNews } from '../events/event-news.ts'
import { FleetTracker } from '../fleet/fleet-tracker.ts'
import { FleetView } from '../rollouts/fleet-view.ts'
import { LiveRollouts } from '../rollouts/live-rollouts.ts'
import { PollSelection } from '../rollouts/poll-selection.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { logAtMostEvery } from './log-at-most-every.ts'
import type { Surroundings } from './surroundings.ts'

/** A catalog that fails is tried again with every batch. */
const UNSAVED_WARNING_MILLISECONDS = 60_000

/** What polls say of bots, and what they are answered. */
export interface ComposedFleet {
  tracker: FleetTracker
  rollouts: LiveRollouts
  polls: PollSelection
  view: FleetView
  news: EventNews
  stop(): void
  /** Has the catalog keep what was learned last. */
  close(): Promise<void>
}

/** Puts together what knows the bots, with what the catalog keeps of them. */
export async function composeFleet(
  { config, clock, logger }: Surroundings,
  { catalog, current, released, isLost }: ComposedCatalog,
): Promise<ComposedFleet> {
  const warnUnsaved = logAtMostEvery(UNSAVED_WARNING_MILLISECONDS, (error) => {
    logger.warn({ err: error }, 'fleet_unsaved')
  })
  const tracker = new FleetTracker({
    ...{ catalog, clock, isReleased: released.has },
    ...{ maxProcesses: config.maxProcesses, keepDays: config.fleetDays },
    onFailure: (error) => {
      if (!isLost()) warnUnsaved(error)
    },
  })
  if (!isLost()) await tracker.restore()
  const access = { needsToken: config.pullToken !== undefined }
  const rollouts = new LiveRollouts()
  const news = new EventNews(catalog)
  return {
    ...{ tracker, rollouts, news },
    polls: new PollSelection({ tracker, rollouts, current, index: released, access }),
    view: new FleetView({
      ...{ memory: tracker.memory, rollouts, catalog, access, clock },
      releaseOf: released.numberOf,
    }),
    stop() {
      news.stop()
    },
    async close() {
      if (!isLost()) await tracker.save()
    },
  }
}
