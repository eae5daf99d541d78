import type { StatusWarning } from '../../protocol/status.ts'
import { shownTarget } from './shown-target.ts'
import type { DeliverySummary, Webhook } from './webhook.ts'

/** A receiver that is restarted is no news. */
const CALM = 15 * 60_000

/** What somebody should look at: webhooks that fail, that Slipway disabled, and deliveries that were given up. */
export function webhookWarnings(
  webhooks: readonly Webhook[],
  summaries: readonly DeliverySummary[],
  now: number,
): StatusWarning[] {
  return webhooks.flatMap((webhook) => {
    const summary = summaries.find((each) => each.webhook === webhook.id)
    const sentence = sentenceOf(webhook, summary, now)
    return sentence === undefined ? [] : [{ code: 'webhook-failing' as const, message: sentence }]
  })
}

function sentenceOf(webhook: Webhook, summary: DeliverySummary | undefined, now: number): string | undefined {
  const { id, disabledReason, enabled } = webhook
  const who = `Webhook ${id} (${webhook.name ?? shownTarget(webhook)})`
  if (disabledReason !== null) {
    return `${who} was disabled, since ${disabledReason}; slipway webhook change ${id} --enable sends what waits.`
  }
  const { failingSince = null, waiting = 0, dead = 0, error = null } = summary ?? {}
  if (enabled && failingSince !== null && now - failingSince >= CALM) {
    const since = new Date(failingSince).toISOString().slice(0, 16)
    return `${who} takes nothing since ${since}Z (${error ?? 'unknown'}); deliveries that wait: ${waiting}, given up: ${dead}. Try slipway webhook test ${id}.`
  }
  if (dead === 0) return undefined
  return `${who} was not told everything; deliveries given up: ${dead}. See slipway webhook deliveries ${id} --state dead; slipway webhook retry ${id} sends them again.`
}
