import type { Catalog } from '../../catalog/catalog.ts'
import { promotionWarnings } from '../../releases/promotion-warnings.ts'
import { tagPolicyChangeSchema, tagSchema } from '../../../protocol/tag.ts'
import { previewRequestSchema, rolloutPreviewSchema } from '../../../protocol/rollout-preview.ts'
import type { RolloutPreview as WirePreview } from '../../../protocol/rollout-preview.ts'
import { findTagOrRefuse } from '../../releases/find-or-refuse.ts'
import { findRollbackTarget } from '../../releases/roll-back-tag.ts'
import type { RolloutControl } from '../../rollouts/rollout-control.ts'
import type { RolloutPreview } from '../../rollouts/rollout-preview.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { presentTag, tagEntityTag, type TagRollouts } from './present.ts'
import { untilClosed } from '../reply/until-closed.ts'
import { tagConditions } from './tag-conditions.ts'

const TAG = '/api/v1/models/{model}/tags/{tag}'

/** So many names of bots are told of each kind. */
const MOST_NAMED = 100

export interface TagPolicyDependencies {
  rollouts: TagRollouts
  rolloutControl: RolloutControl
  catalog: Catalog
}

/** How the releases of a tag are brought out: its policy, and what a promotion would come to. */
export function tagPolicyEndpoints({ rollouts, rolloutControl, catalog }: TagPolicyDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'PATCH',
      path: TAG,
      id: 'changeTag',
      permission: 'manage',
      summary: 'Say how the releases of a tag are brought out',
      description:
        'From the next promotion on: a rollout that is under way goes on by the policy that it began with. `If-Match` compares where the tag points, and its policy: of two people who change it at the same time, one hears 412.',
      body: tagPolicyChangeSchema,
      conditions: ['If-Match'],
      replies: { 200: { description: 'The tag as it is now.', schema: tagSchema, headers: ['ETag'] } },
      problems: ['invalid-name', 'model-not-found', 'tag-not-found', 'policy-invalid', 'precondition-failed'],
      handle: async ({ params: { model, tag }, body: { policy }, principal, request }) => {
        const requireExpected = tagConditions(request, rollouts)
        const change = { model, tag, policy, by: principal.name, requireExpected }
        const { tag: found } = await rolloutControl.setPolicy(change)
        return {
          status: 200,
          body: presentTag(found, rollouts),
          entityTag: tagEntityTag(found, rollouts),
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: `${TAG}/preview`,
      id: 'previewPromotion',
      permission: 'read',
      summary: 'Tell what a promotion or a rollback would come to, and change nothing',
      body: previewRequestSchema,
      replies: { 200: { description: 'What it would come to now.', schema: rolloutPreviewSchema } },
      problems: [
        'invalid-name',
        'model-not-found',
        'tag-not-found',
        'release-not-found',
        'nothing-to-roll-back',
        'policy-invalid',
      ],
      handle: async ({ params: { model, tag }, body: { policy, now, ...body }, response }) => {
        const closed = untilClosed(response)
        const release = body.release ?? (await findRollbackTarget(catalog, { model, tag }))
        const isRollback = body.rollback === true
        if (isRollback) await findTagOrRefuse(catalog, model, tag)
        const promotion = { model, tag, release, policy, isRollback, isHasty: now }
        const preview = presentPreview(await rolloutControl.preview(promotion, closed))
        const namesNone = body.release === undefined
        const { outcome, from, steps } = preview
        const foreseen = { model, tag, release, outcome, from, steps: steps.length, namesNone, isRollback }
        const warnings = await promotionWarnings(catalog, foreseen)
        return { status: 200, body: warnings.length === 0 ? preview : { ...preview, warnings } }
      },
    }),
  ]
}

function presentPreview({ steps, lost, notEvidence, doubtful, ...preview }: RolloutPreview): WirePreview {
  return {
    ...preview,
    steps: steps.map(({ first, ...step }) => ({ ...step, first: first.slice(0, MOST_NAMED) })),
    lost: someOf(lost),
    notEvidence: someOf(notEvidence),
    doubtful: someOf(doubtful),
  }
}

function someOf(bots: readonly string[]): WirePreview['lost'] {
  return { bots: bots.length, first: bots.slice(0, MOST_NAMED) }
}
