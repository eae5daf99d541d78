import { pageSchema } from '../../protocol/page.ts'
import {
  webhookDeliverySchema,
  webhookSchema,
  webhookTestSchema,
  webhookWithSecretSchema,
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookDelivery,
  type WebhookTest,
  type WebhookWithSecret,
} from '../../protocol/webhook.ts'
import type { ApiClient } from './api-client.ts'
import { listAll } from './list-all.ts'

const WEBHOOKS = 'api/v1/webhooks'
/** Shows what became of a change whose answer was lost. */
const LIST = 'slipway webhook list'
const webhookPage = pageSchema('WebhookPage', webhookSchema)
const deliveryPage = pageSchema('WebhookDeliveryPage', webhookDeliverySchema)

function pathOf(id: string): string {
  return `${WEBHOOKS}/${encodeURIComponent(id)}`
}

export function listWebhooks(client: ApiClient): Promise<Webhook[]> {
  return listAll(client, WEBHOOKS, webhookPage)
}

/** Not repeated: twice would be two webhooks. */
export function addWebhook(
  client: ApiClient,
  webhook: Partial<NewWebhook> & { url: string },
): Promise<WebhookWithSecret> {
  const call = {
    method: 'POST',
    path: WEBHOOKS,
    json: webhook,
    repeatable: false,
    shownBy: LIST,
  } as const
  return client.call(call, webhookWithSecretSchema)
}

/** Not repeated where it draws a secret: the first would be the one before the last. */
export function changeWebhook(
  client: ApiClient,
  id: string,
  change: WebhookChange,
): Promise<WebhookWithSecret> {
  const repeatable = change.newSecret === undefined
  const call = { method: 'PATCH', path: pathOf(id), json: change, repeatable, shownBy: LIST } as const
  return client.call(call, webhookWithSecretSchema)
}

export function removeWebhook(client: ApiClient, id: string): Promise<void> {
  return client.callWithoutContent({ method: 'DELETE', path: pathOf(id), shownBy: LIST })
}

export function testWebhook(client: ApiClient, id: string): Promise<WebhookTest> {
  return client.call({ method: 'POST', path: `${pathOf(id)}/test`, repeatable: false }, webhookTestSchema)
}

/** The deliveries of a webhook, the last event first. @param state undefined: in any state. */
export function listDeliveries(
  client: ApiClient,
  id: string,
  state: string | undefined,
  most: number,
): Promise<WebhookDelivery[]> {
  return listAll(client, `${pathOf(id)}/deliveries`, deliveryPage, most, { state })
}

/** Sends a dead delivery again. */
export function retryDelivery(client: ApiClient, id: string, delivery: string): Promise<WebhookDelivery> {
  const path = `${pathOf(id)}/deliveries/${encodeURIComponent(delivery)}/retry`
  const call = {
    method: 'POST',
    path,
    repeatable: false,
    shownBy: `slipway webhook deliveries ${id}`,
  } as const
  return client.call(call, webhookDeliverySchema)
}
