import type { EventType } from '../../protocol/event.ts'
import type { Webhook, WebhookFormat, WebhookTest, WebhookWithSecret } from '../../protocol/webhook.ts'
import { addressOf } from '../page/address-of.ts'
import { count } from '../text/count.ts'
import { nameSome } from '../text/name-some.ts'
import { webhookName } from '../webhooks/webhook-state.ts'
import type { Action, Call } from './action.ts'

const WEBHOOKS = 'api/v1/webhooks'
const COMMON = { permission: 'admin', takesReason: false } as const

/** A webhook as a form says it. */
export interface WebhookDraft {
  readonly url: string
  /** Empty: it has none. */
  readonly name: string
  readonly format: WebhookFormat
  readonly events: readonly EventType[]
  /** None: all. */
  readonly models: readonly string[]
}

/** Has events be sent to an address. */
export function addWebhook({ url, name, format, events, models }: WebhookDraft): Action {
  return {
    ...COMMON,
    label: 'Add the webhook',
    title: `Send events to ${name === '' ? hostOf(url) : name}`,
    tone: 'help',
    says: [
      `${hostOf(url)} is sent what happens from now on: ${events.join(', ')}, of ${models.length === 0 ? 'every model' : nameSome(models)}.`,
      'The secret that messages are signed with is shown once, when it is added.',
    ],
    call: {
      method: 'POST',
      path: WEBHOOKS,
      body: {
        url,
        format,
        events,
        ...(name === '' ? {} : { name }),
        ...(models.length === 0 ? {} : { models }),
      },
    },
    command: [
      'slipway',
      'webhook',
      'add',
      url,
      '--format',
      format,
      '--event',
      ...events,
      ...(name === '' ? [] : ['--name', name]),
      ...(models.length === 0 ? [] : ['--model', ...models]),
    ],
    done: 'The webhook is added.',
    reveal: (answer) => (answer as WebhookWithSecret).secret ?? '',
  }
}

/** What can be done to a webhook, the harmless first. */
export function webhookActions(webhook: Webhook): Action[] {
  return [
    testWebhook(webhook),
    webhook.enabled ? pauseWebhook(webhook) : resumeWebhook(webhook),
    renewSecret(webhook),
    removeWebhook(webhook),
  ]
}

export function testWebhook(webhook: Webhook): Action {
  return {
    ...COMMON,
    label: 'Test',
    title: `Send a test to ${webhookName(webhook)}`,
    tone: 'plain',
    says: [
      'A message that says that it is a test goes out at once. Where it is taken, all that waits is sent now.',
    ],
    call: { method: 'POST', path: `${WEBHOOKS}/${webhook.id}/test` },
    command: ['slipway', 'webhook', 'test', webhook.id],
    done: 'The test was sent.',
    sayDone(answer) {
      const { delivered, status, error, milliseconds } = answer as WebhookTest
      return delivered
        ? `It was taken: answered ${status ?? 'nothing'} after ${milliseconds} ms.`
        : `It was not taken: it ${error ?? 'failed'}.`
    },
  }
}

function pauseWebhook(webhook: Webhook): Action {
  return {
    ...COMMON,
    label: 'Pause',
    title: `Send nothing to ${webhookName(webhook)}`,
    tone: 'plain',
    says: [
      'It is sent nothing until it is resumed, and what happens meanwhile is not kept for it.',
      `${count(webhook.deliveries.waiting, 'delivery waits', 'deliveries wait')}: they wait on.`,
    ],
    call: { method: 'PATCH', path: `${WEBHOOKS}/${webhook.id}`, body: { enabled: false } },
    command: ['slipway', 'webhook', 'change', webhook.id, '--disable'],
    done: `${webhookName(webhook)} is paused.`,
  }
}

function resumeWebhook(webhook: Webhook): Action {
  return {
    ...COMMON,
    label: 'Resume',
    title: `Send to ${webhookName(webhook)} again`,
    tone: 'help',
    says: [
      `It is sent what happens from now on, and what waits: ${count(webhook.deliveries.waiting, 'delivery', 'deliveries')}.`,
    ],
    call: { method: 'PATCH', path: `${WEBHOOKS}/${webhook.id}`, body: { enabled: true } },
    command: ['slipway', 'webhook', 'change', webhook.id, '--enable'],
    done: `${webhookName(webhook)} is sent events again.`,
  }
}

function renewSecret(webhook: Webhook): Action {
  return {
    ...COMMON,
    label: 'New secret',
    title: `Draw a new secret for ${webhookName(webhook)}`,
    tone: 'plain',
    says: [
      'It is shown once. For 24 hours messages are signed by both, so that the receiver has time to take the new one.',
    ],
    call: { method: 'PATCH', path: `${WEBHOOKS}/${webhook.id}`, body: { newSecret: true } },
    command: ['slipway', 'webhook', 'change', webhook.id, '--new-secret'],
    done: `${webhookName(webhook)} has a new secret.`,
    reveal: (answer) => (answer as WebhookWithSecret).secret ?? '',
  }
}

function removeWebhook(webhook: Webhook): Action {
  const { waiting, dead } = webhook.deliveries
  return {
    ...COMMON,
    label: 'Delete',
    title: `Delete ${webhookName(webhook)}`,
    tone: 'danger',
    says: [
      `It is sent nothing any more. ${count(waiting, 'delivery that waits', 'deliveries that wait')} and ${dead} that were given up go with it. It cannot be undone.`,
    ],
    call: { method: 'DELETE', path: `${WEBHOOKS}/${webhook.id}` },
    command: ['slipway', 'webhook', 'remove', webhook.id],
    done: `${webhookName(webhook)} is deleted.`,
    leadsTo: addressOf.webhooks(),
  }
}

/** Sends deliveries again that were given up, the oldest first. @param deliveries Their ids; one at least. */
export function retryDeliveries(webhook: Webhook, deliveries: readonly string[]): Action {
  const [first, ...others] = deliveries.map((delivery): Call => ({
    method: 'POST',
    path: `${WEBHOOKS}/${webhook.id}/deliveries/${delivery}/retry`,
  }))
  if (first === undefined) throw new Error('Nothing is to be sent again')
  const one = deliveries.length === 1
  return {
    ...COMMON,
    label: one ? 'Send again' : `Send all ${deliveries.length} again`,
    title: `Send ${count(deliveries.length, 'delivery', 'deliveries')} to ${webhookName(webhook)} again`,
    tone: 'help',
    says: [
      `${one ? 'It waits' : 'They wait'} again, before what happened later, and ${one ? 'is' : 'are'} tried for three days more.`,
      'A receiver may have seen some of it: the message id is the same.',
    ],
    call: first,
    ...(one ? {} : { alsoCalls: others }),
    command: one
      ? ['slipway', 'webhook', 'retry', webhook.id, ...deliveries]
      : ['slipway', 'webhook', 'retry', webhook.id],
    done: one ? 'It is being sent again.' : 'They are being sent again.',
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
