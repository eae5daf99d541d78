import type { Webhook } from '../../protocol/webhook.ts'
import { count } from '../text/count.ts'
import { duration } from '../text/duration.ts'

/** How a webhook is, in a sentence, and whether somebody should look at it. @param now Milliseconds since 1970. */
export function webhookState(
  { enabled, disabledReason, deliveries }: Pick<Webhook, 'enabled' | 'disabledReason' | 'deliveries'>,
  now: number,
): { words: string; isBad: boolean } {
  const { waiting, dead, lost, failingSince, error } = deliveries
  const counts = [
    waiting === 0 ? '' : `${waiting} waiting`,
    dead === 0 ? '' : `${dead} given up`,
    lost === 0 ? '' : `${count(lost, 'dead delivery', 'dead deliveries')} dropped`,
  ].filter((text) => text !== '')
  const state = !enabled
    ? disabledReason === null
      ? 'paused'
      : `disabled, since ${disabledReason}`
    : failingSince === null
      ? waiting > 0
        ? 'is being sent what waits'
        : 'takes what is sent'
      : `has taken nothing for ${duration((now - Date.parse(failingSince)) / 1000)}: ${error ?? 'nobody knows why'}`
  return {
    words: [state, ...counts].join(', '),
    isBad: disabledReason !== null || dead > 0 || lost > 0 || (enabled && failingSince !== null),
  }
}

/** What a webhook is called: its name, or where it leads. */
export function webhookName({ name, url }: Pick<Webhook, 'name' | 'url'>): string {
  return name ?? url
}
