import type { PullAccess } from '../fleet/independence.ts'
import { judgeStep } from './judge-step.ts'
import type { Rollout } from './rollout.ts'
import type { StepBots } from './step-bots.ts'

/** Whether the step under way may be soaking: of others nobody needs to look at each bot. */
export function maySoak({ state, policy }: Pick<Rollout, 'state' | 'policy'>): boolean {
  return state === 'running' && policy.soak > 0
}

/**
 * When the step under way will have soaked for long enough, by what was seen of its bots; null where it does not soak. The row of
 * a rollout is not written while it soaks: so that every server says the same, each looks at the bots itself.
 *
 * @param bots Those of the step.
 * @param now Milliseconds since 1970, as what is returned. That has passed where only the next polls of the bots are waited for.
 */
export function soakedUntil(
  rollout: Rollout,
  bots: StepBots,
  access: PullAccess,
  now: number,
): number | null {
  if (!maySoak(rollout)) return null
  const { isSoaking, soak } = judgeStep(rollout, bots, access, { now, clockSetAt: 0 })
  return isSoaking && soak !== undefined ? now + rollout.policy.soak * 1000 - soak.soaked : null
}
