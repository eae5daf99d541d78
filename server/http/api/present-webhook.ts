import type { Webhook as WireWebhook, WebhookDelivery } from '../../../protocol/webhook.ts'
import { instantAt, instantAtOrNull } from '../../time/clock.ts'
import { describeEvent } from '../../webhooks/describe-event.ts'
import { shownTarget } from '../../webhooks/shown-target.ts'
import type { Delivery, DeliverySummary, Webhook } from '../../webhooks/webhook.ts'

/** A webhook as the API tells it: without its secret, and without what may be one in its address. */
export function presentWebhook(webhook: Webhook, summaries: readonly DeliverySummary[]): WireWebhook {
  const { id, name, format, events, models, enabled, disabledReason, createdBy, lost } = webhook
  const summary = summaries.find((each) => each.webhook === id)
  return {
    id: String(id),
    name,
    url: shownTarget(webhook),
    format,
    enabled,
    disabledReason,
    createdBy,
    events: [...events],
    models: models === null ? null : [...models],
    createdAt: instantAt(webhook.createdAt),
    deliveries: {
      waiting: summary?.waiting ?? 0,
      dead: summary?.dead ?? 0,
      lost,
      oldestWaitingAt: instantAtOrNull(summary?.oldestWaitingAt),
      failingSince: instantAtOrNull(summary?.failingSince),
      nextAttemptAt: enabled ? instantAtOrNull(summary?.nextAt) : null,
      error: summary?.error ?? null,
    },
  }
}

/** A delivery as the API tells it. */
export function presentDelivery(delivery: Delivery): WebhookDelivery {
  const { id, message, event, state, attempts, queuedAt, endedAt, status, error } = delivery
  return {
    id: String(id),
    message,
    event: event.id,
    type: event.type,
    model: event.model,
    text: describeEvent(event),
    state,
    attempts,
    status,
    error,
    queuedAt: instantAt(queuedAt),
    endedAt: instantAtOrNull(endedAt),
  }
}
