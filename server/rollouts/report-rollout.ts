import type { Logger } from 'pino'
import type { Advanced } from './effect.ts'
import type { RolloutConsequences } from './rollout-change.ts'
import type { Rollout } from './rollout.ts'

/**
 * Logs what became of a rollout by itself: "every automatic act carries one sentence with its evidence" (docs/rollouts.md).
 *
 * @param found.rollout As it was before.
 */
export function reportRollout(
  logger: Logger,
  { rollout: before, advanced }: { readonly rollout: Rollout; readonly advanced: Advanced },
  { alerts }: Pick<RolloutConsequences, 'alerts'>,
): void {
  const { id, model, tag, from, to, state, step, reason } = advanced.rollout
  if (alerts.length === 0 && before.state === state && before.step === step) return
  const facts = {
    model,
    tag,
    rollout: id,
    state,
    step: step + 1,
    from: from?.release,
    to: to.release,
    reason,
  }
  const isGood = alerts.length === 0 && (state === 'running' || state === 'done')
  logger[isGood ? 'info' : 'warn'](facts, 'rollout_changed')
}
