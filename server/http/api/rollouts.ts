import { z } from 'zod'
import { tagName } from '../../../protocol/fields.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import { rolloutSchema, rolloutSummarySchema } from '../../../protocol/rollout.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findModelOrRefuse } from '../../releases/find-or-refuse.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import type { RolloutControl } from '../../rollouts/rollout-control.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { steeringEndpoints } from './steer-rollout.ts'

const ROLLOUTS = '/api/v1/models/{model}/rollouts'

export interface RolloutDependencies {
  catalog: CatalogReader
  view: FleetView
  rolloutControl: RolloutControl
}

/** `/api/v1/models/{model}/rollouts` and below. */
export function rolloutEndpoints({ catalog, view, rolloutControl }: RolloutDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: ROLLOUTS,
      id: 'listRollouts',
      permission: 'read',
      summary: 'List the rollouts of a model',
      query: pageQuerySchema.extend({ tag: tagName.optional() }),
      replies: {
        200: {
          description: 'One page of rollouts, the last begun first; their members stand with each by itself.',
          schema: pageSchema('RolloutPage', rolloutSummarySchema),
          headers: ['Link'],
        },
      },
      problems: ['invalid-name', 'invalid-parameter', 'model-not-found'],
      handle: async ({ params: { model }, query }) => {
        await findModelOrRefuse(catalog, model)
        return replyWithPage(
          `/api/v1/models/${model}/rollouts`,
          query,
          z.int(),
          (page) => view.listRollouts(model, query.tag, page),
          ({ id }) => Number(id),
          (rollout) => rollout,
        )
      },
    }),
    endpoint({
      method: 'GET',
      path: `${ROLLOUTS}/{id}`,
      id: 'readRollout',
      permission: 'read',
      summary: 'Read a rollout',
      replies: { 200: { description: 'The rollout.', schema: rolloutSchema } },
      problems: ['invalid-name', 'rollout-not-found'],
      handle: async ({ params: { model, id } }) => ({
        status: 200,
        body: await view.readRollout(model, id),
      }),
    }),
    ...steeringEndpoints({ view, rolloutControl }),
  ]
}
