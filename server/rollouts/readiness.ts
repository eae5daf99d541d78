import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Rollout } from './rollout.ts'
import type { Unit } from './unit.ts'
import { takesPlace, updatingProcesses } from './updating.ts'

/** What `GET /ready/{bot}` answers. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string }

/**
 * Whether a load balancer may send users to a bot: "a Rasa process answers nobody while it loads; ready again when none
 * of its processes drains or loads. Only evidence bots turn `/ready`" (docs/rollouts.md). Without `drain` nothing is
 * said. A bot that is lost is unready as long as it keeps its place: nobody could have it ready again otherwise, where it asks
 * Slipway no more.
 *
 * @param units Those of the bot; none for a bot that is not known, which is ready.
 * @param rollout Of its tag; null: none is under way.
 */
export function readiness(
  units: readonly Unit[],
  { drain }: Pick<RolloutPolicy, 'drain'>,
  rollout: Rollout | null,
): Readiness {
  const busy = drain === 0 ? undefined : units.find((unit) => takesPlace(unit, rollout))
  if (busy === undefined) return { ready: true }
  const offer = updatingProcesses(busy).find((process) => process.offer !== null)?.offer
  const reason =
    offer == null
      ? `${busy.bot} is about to be offered another release`
      : `${busy.bot} is loading release ${offer.release}`
  return { ready: false, reason }
}
