import type { Overview } from '../../protocol/overview.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { steeringActions } from '../actions/steer-rollout.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import type { Attention } from './attention.ts'

/** Rollouts that stand still until somebody decides, and those whose bots can tell nothing more until their deadline. */
export function attentionToRollouts({ tags, morePaused }: Overview): Attention[] {
  return [
    ...tags.flatMap(({ rollout }) => (rollout !== null && isWaiting(rollout) ? [waiting(rollout)] : [])),
    ...(morePaused === 0 ? [] : [more(morePaused)]),
  ]
}

/** Of hundreds that stand still not each can be told here, but that they do must be. */
function more(rollouts: number): Attention {
  return {
    key: 'paused more',
    urgency: 'now',
    sentence: `${count(rollouts, 'more rollout')} of other tags ${rollouts === 1 ? 'stands' : 'stand'} still.`,
    detail: null,
    actions: [],
    links: [{ label: 'All models', href: addressOf.models() }],
    command: 'slipway rollout',
  }
}

/** Whether a rollout waits for a person; by itself it goes on at its deadline at the earliest. */
export function isWaiting({ state, step, steps }: RolloutSummary): boolean {
  return state === 'paused' || (state === 'running' && steps[step]?.state === 'inconclusive')
}

function waiting(rollout: RolloutSummary): Attention {
  const { model, tag, from, to, state, step, steps, counts, reason, id } = rollout
  const failed = counts.failing === 0 ? '' : `, ${counts.failing} could not load it`
  const areOthers = counts.waiting + counts.loading + counts.lost > 0
  const kept = from === null || !areOthers ? '' : `, the others keep release ${from}`
  return {
    key: `${state} ${model}@${tag}`,
    urgency: 'now',
    sentence: `The rollout of release ${to} to ${model}@${tag} ${state === 'paused' ? 'stands still' : 'waits'} in step ${step + 1} of ${steps.length}: ${counts.updated} of ${count(counts.bots, 'bot')} run it${failed}${kept}.`,
    detail: reason === null ? null : `Why: ${reason}.`.replace(/\.\.$/, '.'),
    actions: steeringActions(rollout),
    links: [
      { label: 'Show the rollout', href: addressOf.rollout(model, id) },
      ...(counts.failing === 0
        ? []
        : [{ label: 'Bots that fail', href: addressOf.bots({ model, tag, state: 'failing' }) }]),
    ],
    command: null,
  }
}
