import { shownText } from '../../protocol/shown-text.ts'
import type { Webhook, WebhookDelivery, WebhookTest } from '../../protocol/webhook.ts'
import { readableAge } from './readable-age.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'

/** Webhooks as people read them, each in a row. @param now Milliseconds since 1970. */
export function describeWebhooks(webhooks: readonly Webhook[], now: number): string {
  if (webhooks.length === 0) return 'no webhook yet; slipway webhook add URL adds one'
  const rows = webhooks.map((webhook) => [
    webhook.id,
    webhook.name ?? '-',
    webhook.url,
    webhook.format,
    webhook.models?.join(' ') ?? 'all',
    stateOf(webhook, now),
    webhook.events.join(' '),
  ])
  return table([['ID', 'NAME', 'URL', 'FORMAT', 'MODELS', 'STATE', 'EVENTS'], ...rows])
}

/** How a webhook is, in a few words: what needs somebody first. */
export function stateOf({ enabled, disabledReason, deliveries }: Webhook, now: number): string {
  const { waiting, dead, lost, failingSince, error } = deliveries
  const counts = [
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(dead > 0 ? [`${dead} dead`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ]
  if (!enabled)
    return [`disabled${disabledReason === null ? '' : `: ${disabledReason}`}`, ...counts].join(', ')
  if (failingSince === null) return ['ok', ...counts].join(', ')
  return [`fails for ${readableAge(failingSince, now)}: ${error ?? 'unknown'}`, ...counts].join(', ')
}

/** Deliveries as people read them, each in a row. */
export function describeDeliveries(deliveries: readonly WebhookDelivery[]): string {
  if (deliveries.length === 0) return 'no delivery; what happens from now on is listed here'
  const rows = deliveries.map(({ id, queuedAt, state, attempts, error, text }) => [
    id,
    readableTime(queuedAt),
    state,
    attempts.toString(),
    text,
    error ?? '',
  ])
  return table([['ID', 'SINCE', 'STATE', 'ATTEMPTS', 'EVENT', 'ERROR'], ...rows])
}

/** What came of a test, in one line. */
export function describeTest({ delivered, status, error, milliseconds }: WebhookTest): string {
  if (delivered) return `delivered: answered ${status ?? 'nothing'} after ${milliseconds} ms`
  return `not delivered: it ${shownText(error ?? 'failed')}`
}
