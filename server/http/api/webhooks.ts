import {
  newWebhookSchema,
  webhookChangeSchema,
  webhookSchema,
  webhookTestSchema,
  webhookWithSecretSchema,
} from '../../../protocol/webhook.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import { untilClosed } from '../reply/until-closed.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { presentWebhook } from './present-webhook.ts'
import { deliveryEndpoints, type WebhookDependencies } from './webhook-deliveries.ts'

const WEBHOOKS = '/api/v1/webhooks'
const WEBHOOK = `${WEBHOOKS}/{id}`

/** `/api/v1/webhooks` and below. */
export function webhookEndpoints(dependencies: WebhookDependencies): Endpoint[] {
  return [
    ...listEndpoints(dependencies),
    ...singleEndpoints(dependencies),
    testEndpoint(dependencies),
    ...deliveryEndpoints(dependencies),
  ]
}

function listEndpoints({ catalog, webhooks }: WebhookDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: WEBHOOKS,
      id: 'listWebhooks',
      permission: 'admin',
      summary: 'List the webhooks',
      description: 'There are at most 20: they are one page.',
      query: pageQuerySchema.pick({ limit: true }),
      replies: { 200: { description: 'The webhooks.', schema: pageSchema('WebhookPage', webhookSchema) } },
      problems: ['invalid-parameter'],
      handle: async ({ query: { limit } }) => {
        const summaries = await catalog.summarizeDeliveries()
        const found = (await catalog.listWebhooks()).slice(0, limit)
        return {
          status: 200,
          body: { items: found.map((each) => presentWebhook(each, summaries)), next: null },
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: WEBHOOKS,
      id: 'addWebhook',
      permission: 'admin',
      summary: 'Add a webhook',
      description:
        'It is sent what happens from now on. The secret that its deliveries are signed with is in this answer and in no other.',
      body: newWebhookSchema,
      replies: {
        201: {
          description: 'The webhook, with its secret.',
          schema: webhookWithSecretSchema,
          headers: ['Location'],
        },
      },
      problems: ['webhook-target-refused', 'too-many-webhooks', 'catalog-busy', 'catalog-unavailable'],
      handle: async ({ body, principal }) => {
        const webhook = await webhooks.add(body, principal.name)
        return {
          status: 201,
          headers: { Location: `${WEBHOOKS}/${webhook.id}` },
          body: { ...presentWebhook(webhook, []), secret: webhook.secret },
          facts: { webhook: webhook.id },
        }
      },
    }),
  ]
}

function singleEndpoints({ catalog, webhooks }: WebhookDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: WEBHOOK,
      id: 'readWebhook',
      permission: 'admin',
      summary: 'Read a webhook',
      replies: { 200: { description: 'The webhook.', schema: webhookSchema } },
      problems: ['webhook-not-found'],
      handle: async ({ params: { id } }) => ({
        status: 200,
        body: presentWebhook(await webhooks.read(id), await catalog.summarizeDeliveries()),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path: WEBHOOK,
      id: 'changeWebhook',
      permission: 'admin',
      summary: 'Change a webhook, or draw a new secret for it',
      body: webhookChangeSchema,
      replies: { 200: { description: 'The webhook as it is now.', schema: webhookWithSecretSchema } },
      problems: ['webhook-not-found', 'webhook-target-refused', 'catalog-busy', 'catalog-unavailable'],
      handle: async ({ params: { id }, body }) => {
        const webhook = await webhooks.change(id, body)
        const shown = presentWebhook(webhook, await catalog.summarizeDeliveries())
        return {
          status: 200,
          body: body.newSecret === true ? { ...shown, secret: webhook.secret } : shown,
          facts: { webhook: webhook.id },
        }
      },
    }),
    endpoint({
      method: 'DELETE',
      path: WEBHOOK,
      id: 'removeWebhook',
      permission: 'admin',
      summary: 'Remove a webhook and all that waits for it',
      replies: { 204: { description: 'It is gone.' } },
      problems: ['webhook-not-found', 'catalog-busy', 'catalog-unavailable'],
      handle: async ({ params: { id } }) => {
        await webhooks.remove(id)
        return { status: 204 }
      },
    }),
  ]
}

function testEndpoint({ webhooks }: WebhookDependencies): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${WEBHOOK}/test`,
    id: 'testWebhook',
    permission: 'admin',
    summary: 'Send a test to a webhook and wait for its answer',
    description:
      'It goes out at once, beside all that waits. Where the receiver takes it, what waits is sent now and not after the pause.',
    replies: { 200: { description: 'What came of it.', schema: webhookTestSchema } },
    problems: ['webhook-not-found', 'catalog-busy', 'catalog-unavailable'],
    handle: async ({ params: { id }, response }) => {
      const { kind, milliseconds, ...result } = await webhooks.test(id, untilClosed(response))
      const error = 'reason' in result ? result.reason : null
      return {
        status: 200,
        body: { delivered: kind === 'accepted', status: result.status, error, milliseconds },
      }
    },
  })
}
