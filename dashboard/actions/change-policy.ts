import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { RolloutPreview } from '../../protocol/rollout-preview.ts'
import { at, type Api } from '../api/api.ts'
import { differingFields, type PolicyFields } from '../tags/policy-draft.ts'
import { policySentences } from '../tags/policy-sentences.ts'
import { count } from '../text/count.ts'
import type { Action } from './action.ts'
import { policyWords } from './policy-words.ts'
import { stepsInWords } from './promote.ts'

/** The tag whose policy is changed, as its reader saw it. */
export interface PolicyBase {
  readonly model: string
  readonly tag: string
  readonly policy: RolloutPolicy
  /** Names the tag as it was; null: the server gave it no name. */
  readonly entityTag: string | null
}

/**
 * Has the releases of a tag be brought out otherwise, from the next promotion on.
 *
 * @param policy The whole of it, which the server has found to work.
 * @param preview Of the release that the tag points at: all its bots are in one step.
 */
export function changePolicy(base: PolicyBase, policy: RolloutPolicy, preview: RolloutPreview): Action {
  const { model, tag, entityTag } = base
  const fields = differingFields(policy)
  const isDefault = Object.keys(fields).length === 0
  return {
    label: 'Save the policy',
    title: `Change how releases of ${model}@${tag} are brought out`,
    tone: 'help',
    permission: 'manage',
    says: [
      ...policySentences(policy),
      ...botsNow(policy, preview.steps.at(-1)?.bots ?? 0),
      'It holds from the next promotion on; a rollout that is under way goes on as it began.',
    ],
    call: {
      method: 'PATCH',
      path: at.tag(model, tag),
      body: { policy: isDefault ? null : fields },
      ...(entityTag === null ? {} : { condition: { field: 'If-Match', value: entityTag } }),
    },
    command: [
      'slipway',
      'policy',
      `${model}@${tag}`,
      ...(isDefault ? ['--reset'] : policyWords(differingFields(policy, base.policy))),
    ],
    takesReason: false,
    done: `The policy of ${model}@${tag} is saved.`,
  }
}

/**
 * Asks the server whether a policy can work, and what it would come to now. It changes nothing.
 *
 * @throws ApiProblem `policy-invalid`, which names the field
 */
export function previewPolicy(
  api: Api,
  { model, tag, release }: { model: string; tag: string; release: number },
  policy: PolicyFields,
): Promise<RolloutPreview> {
  return api.ask(`${at.tag(model, tag)}/preview`, { release, policy })
}

function botsNow({ steps }: RolloutPolicy, bots: number): string[] {
  if (bots === 0) return ['No bot polls this tag now.']
  if (steps.length === 1) return [`Now that is ${count(bots, 'bot')}.`]
  const sized = steps.map((target) => ({ target, bots: sizeOf(target, bots), first: [] }))
  return [`With the bots that poll it now: ${stepsInWords(sized)}.`]
}

/** How many bots a step would have: a share is rounded up, as the server does it. */
function sizeOf(target: number | string, bots: number): number {
  if (typeof target === 'number') return Math.min(target, bots)
  return Math.max(1, Math.ceil((Number.parseFloat(target) / 100) * bots))
}
