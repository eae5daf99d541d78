import type { RolloutReader } from '../catalog/rollouts.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import { askAgain } from './ask-again.ts'
import type { LiveRollouts } from './live-rollouts.ts'

/**
 * Reads the rollouts under way and the policies of tags, so that the same rollouts go on after a start. To be called when the
 * fleet is restored, and before the first poll.
 */
export async function loadRollouts(
  catalog: Pick<RolloutReader, 'listRolloutsUnderWay' | 'listTagPolicies'>,
  rollouts: LiveRollouts,
  tracker: Pick<FleetTracker, 'forgetFailures'>,
): Promise<void> {
  for (const { model, tag, policy } of await catalog.listTagPolicies()) rollouts.setPolicy(model, tag, policy)
  for (const rollout of await catalog.listRolloutsUnderWay()) {
    rollouts.put(askAgain(rollout))
    // What was to be forgotten with the rollout's change may have come too late for the rows of processes.
    tracker.forgetFailures(rollout.model, rollout.to.digest, rollout.failuresSince)
  }
}
