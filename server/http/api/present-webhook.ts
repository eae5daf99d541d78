import type { Webhook as WireWebhook, WebhookDelivery } from '../../../protocol/webhook.ts'
import { describeEvent } from '../../webhooks/describe-event.ts'
import { shownTarget } from '../../webhooks/shown-target.ts'
import type { Delivery, DeliverySummary, Webhook } from '../../webhooks/webhook.ts'

/** A webhook as the API tells it: without its secret, and without what may be one in its address. */
export function presentWebhook(webhook: Webhook, summaries: readonly DeliverySummary[]): WireWebhook {
  const { id, name, format, events, models, enabled, disabledReason, createdBy, lost } = webhook
  const summary = summaries.find((each) => each.webhook === id)
  return {
    ...{ id: String(id), name, url: shownTarget(webhook), format, enabled, disabledReason, createdBy },
    events: [...events],
    models: models === null ? null : [...models],
    createdAt: instant(webhook.createdAt),
    deliveries: {
      ...{ waiting: summary?.waiting ?? 0, dead: summary?.dead ?? 0, lost },
      oldestWaitingAt: instantOrNull(summary?.oldestWaitingAt),
      failingSince: instantOrNull(summary?.failingSince),
      nextAttemptAt: enabled ? instantOrNull(summary?.nextAt) : null,
      error: summary?.error ?? null,
    },
  }
}

/** A delivery as the API tells it. */
export function presentDelivery(delivery: Delivery): WebhookDelivery {
  const { id, message, event, state, attempts, queuedAt, endedAt, status, error } = delivery
  return {
    ...{ id: String(id), message, event: event.id, type: event.type, model: event.model },
    text: describeEvent(event),
    ...{ state, attempts, status, error },
    queuedAt: instant(queuedAt),
    endedAt: instantOrNull(endedAt),
  }
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function instantOrNull(milliseconds: number | null | undefined): string | null {
  return milliseconds == null ? null : instant(milliseconds)
}
