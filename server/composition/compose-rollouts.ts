import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { asServer } from '../access/audit/actor.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { PullAccess } from '../fleet/independence.ts'
import { LiveRollouts } from '../rollouts/live-rollouts.ts'
import { RolloutControl } from '../rollouts/rollout-control.ts'
import { RolloutJudge } from '../rollouts/rollout-judge.ts'
import { RolloutOutcomes } from '../rollouts/rollout-outcomes.ts'
import { RolloutRunner, type SharedModels } from '../rollouts/rollout-runner.ts'
import { SharedState } from '../rollouts/shared-state.ts'
import { archiveCheck } from './archive-check.ts'
import type { BallastCatalogs } from './compose-ballast.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { composeProber } from './compose-prober.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'
import type { Surroundings } from './surroundings.ts'

/** What brings releases out on bots. */
export interface ComposedRollouts {
  rollouts: LiveRollouts
  outcomes: RolloutOutcomes
  runner: RolloutRunner
  judge: RolloutJudge
  control: RolloutControl
  /** Undefined where no other server changes the same models. */
  shared: SharedModels | undefined
}

/** What rollouts are judged by. */
export interface RolloutParts {
  tracker: FleetTracker
  access: PullAccess
  housekeeping: Housekeeping
}

/** Puts together what makes rollouts and what judges them. */
export function composeRollouts(
  { config, clock, logger, monotonic, random }: Surroundings,
  { urgentCatalog, deferrableCatalog, current, released, isLost }: ComposedCatalog & BallastCatalogs,
  archives: Pick<ComposedBlobs, 'blobs' | 'damaged'>,
  { tracker, access, housekeeping }: RolloutParts,
): ComposedRollouts {
  const { database, probeHosts } = config
  const canBeSent = archiveCheck(archives)
  const isShared = database !== undefined
  const rollouts = new LiveRollouts()
  const outcomes = new RolloutOutcomes()
  const parts = {
    catalog: deferrableCatalog,
    clock,
    monotonic,
    logger,
    current,
    index: released,
    tracker,
    access,
    housekeeping,
    rollouts,
    outcomes,
    isShared,
    probeHosts,
    prober: composeProber(config, logger),
  }
  const shared = isShared ? { locks: new KeyedMutex(), state: new SharedState(parts) } : undefined
  const runner = new RolloutRunner({ ...parts, shared, random })
  const onFailure = logCatalogFailures(logger, isLost, 'rollout_unsaved')
  const judge = new RolloutJudge({
    ...parts,
    urgentCatalog,
    runner,
    onFailure,
    canBeSent,
  })
  runner.onChange(asServer(judge.noteChange))
  const control = new RolloutControl({ ...parts, urgentCatalog, runner, canBeSent })
  return { rollouts, outcomes, runner, judge, control, shared }
}
