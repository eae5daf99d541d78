import { z } from 'zod'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import { deliveryState, webhookDeliverySchema } from '../../../protocol/webhook.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import type { WebhookControl } from '../../webhooks/webhook-control.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { presentDelivery } from './present-webhook.ts'

export interface WebhookDependencies {
  catalog: CatalogReader
  webhooks: WebhookControl
}

const DELIVERIES = '/api/v1/webhooks/{id}/deliveries'

/** `/api/v1/webhooks/{id}/deliveries` and below. */
export function deliveryEndpoints({ catalog, webhooks }: WebhookDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: DELIVERIES,
      id: 'listDeliveries',
      permission: 'admin',
      summary: 'List the deliveries of a webhook',
      description: 'All that wait, the last 200 that arrived, and the last 1,000 that were given up.',
      query: pageQuerySchema.extend({ state: deliveryState.optional() }),
      replies: {
        200: {
          description: 'One page of deliveries, the last event first.',
          schema: pageSchema('WebhookDeliveryPage', webhookDeliverySchema),
          headers: ['Link'],
        },
      },
      problems: ['invalid-parameter', 'webhook-not-found'],
      handle: async ({ params: { id }, query }) => {
        const webhook = await webhooks.read(id)
        return replyWithPage(
          `/api/v1/webhooks/${webhook.id}/deliveries`,
          query,
          z.int(),
          (page) => catalog.listDeliveries(webhook.id, page, query.state),
          (delivery) => delivery.id,
          presentDelivery,
        )
      },
    }),
    endpoint({
      method: 'POST',
      path: `${DELIVERIES}/{delivery}/retry`,
      id: 'retryDelivery',
      permission: 'admin',
      summary: 'Send a dead delivery again',
      description: 'It waits again, before what happened later, and is tried for three days more.',
      replies: { 200: { description: 'The delivery as it is now.', schema: webhookDeliverySchema } },
      problems: [
        'webhook-not-found',
        'delivery-not-found',
        'delivery-state',
        'catalog-busy',
        'catalog-unavailable',
      ],
      handle: async ({ params: { id, delivery } }) => ({
        status: 200,
        body: presentDelivery(await webhooks.retry(id, delivery)),
      }),
    }),
  ]
}
