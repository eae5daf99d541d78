import type { DroppedCounts } from '../../fleet/dropped-counts.ts'
import type { Reading } from '../../http/operate/metrics.ts'

/** What of polls was not kept, for Prometheus. */
export function fleetReadings(dropped: Pick<DroppedCounts, 'polls' | 'events'>): Reading[] {
  return [
    {
      name: 'slipway_untracked_polls_total',
      help: 'Polls of processes that are not known, as there is no room for them (SLIPWAY_MAX_PROCESSES).',
      kind: 'counter',
      read: () => dropped.polls,
    },
    {
      name: 'slipway_dropped_events_total',
      help: 'Events of bots that stand in no timeline, as there were too many; they were judged all the same.',
      kind: 'counter',
      read: () => dropped.events,
    },
  ]
}
