import { pino, type Logger } from 'pino'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { CatalogFleetStore } from '../../server/fleet/catalog-fleet-store.ts'
import { FleetTracker } from '../../server/fleet/fleet-tracker.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { ReleaseIndex } from '../../server/releases/release-index.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { PollSelection } from '../../server/rollouts/poll-selection.ts'
import type { Prober } from '../../server/rollouts/prober.ts'
import { RolloutControl } from '../../server/rollouts/rollout-control.ts'
import { RolloutJudge } from '../../server/rollouts/rollout-judge.ts'
import { RolloutOutcomes } from '../../server/rollouts/rollout-outcomes.ts'
import { RolloutRunner } from '../../server/rollouts/rollout-runner.ts'
import type { Clock } from '../../server/time/clock.ts'
import { aClock } from './manual-clock.ts'
import { afterThisTest } from './temporary-directory.ts'

/** What rollout parts may differ in. */
export interface RolloutPartsOptions {
  clock?: Clock
  current?: CurrentReleases
  tracker?: FleetTracker
  probeHosts?: readonly string[]
  prober?: Prober
  logger?: Logger
  /** Told of writes that failed; thrown by default. */
  onFailure?: (error: unknown) => void
  monotonic?: () => number
}

/** What brings releases out, over a catalog: the parts that the server puts together, but without its ticks. */
export function rolloutParts(catalog: Catalog, options: RolloutPartsOptions = {}) {
  const onFailure =
    options.onFailure ??
    ((error: unknown) => {
      throw error
    })
  const clock = options.clock ?? aClock()
  const { logger = pino({ level: 'silent' }), prober, monotonic = () => clock.now() } = options
  const tracker =
    options.tracker ??
    new FleetTracker({
      ...{
        store: new CatalogFleetStore(catalog),
        clock,
        isReleased: () => true,
        maxProcesses: 1_000,
        keepDays: 30,
        onFailure,
        monotonic,
      },
      onConclusion: (model) => {
        judge.noteChange(model)
      },
    })
  const parts = {
    ...{ catalog, clock, tracker, rollouts: new LiveRollouts(), outcomes: new RolloutOutcomes() },
    ...{ current: options.current ?? new CurrentReleases(), index: new ReleaseIndex() },
    ...{ access: { needsToken: false }, probeHosts: options.probeHosts ?? [] },
  }
  const runner = new RolloutRunner(parts)
  const judge = new RolloutJudge({ ...parts, runner, logger, prober, onFailure, monotonic })
  // Not waited for: what it waits for may never come.
  afterThisTest(() => {
    void judge.stop()
  })
  const control = new RolloutControl({ ...parts, runner })
  return { ...parts, runner, judge, control, polls: new PollSelection(parts) }
}
