import type { Overview } from '../../protocol/overview.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { steeringActions } from '../actions/steer-rollout.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import type { Attention } from './attention.ts'

/** Rollouts that stand still until somebody decides. */
export function attentionToRollouts({ tags, morePaused }: Overview): Attention[] {
  return [
    ...tags.flatMap(({ rollout }) => (rollout?.state === 'paused' ? [paused(rollout)] : [])),
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

function paused(rollout: RolloutSummary): Attention {
  const { model, tag, from, to, step, steps, counts, reason, id } = rollout
  const failed = counts.failing === 0 ? '' : `, ${counts.failing} could not load it`
  const kept = from === null ? '' : `, the others keep release ${from}`
  return {
    key: `paused ${model}@${tag}`,
    urgency: 'now',
    sentence: `The rollout of release ${to} to ${model}@${tag} stands still in step ${step + 1} of ${steps.length}: ${counts.updated} of ${count(counts.bots, 'bot')} run it${failed}${kept}.`,
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
