import type { Webhook, WebhookDelivery } from '../../protocol/webhook.ts'
import { retryDeliveries } from '../actions/webhooks.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { Columns } from '../parts/columns.tsx'
import { Time } from '../parts/time.tsx'
import { count } from '../text/count.ts'

const WORDS = { waiting: 'waiting', delivered: 'delivered', dead: 'given up' } as const

/** What was sent to a webhook, the last event first. */
export function DeliveryTable({
  webhook,
  deliveries,
}: {
  webhook: Webhook
  deliveries: readonly WebhookDelivery[]
}) {
  if (deliveries.length === 0) return <p class="faint">None: what happens from now on stands here.</p>
  return (
    <table class="rows">
      <Columns of={['When', 'State', 'What it tells', 'Answer', { name: 'Actions', isUnseen: true }]} />
      <tbody>
        {deliveries.map(({ id, queuedAt, state, attempts, text, status, error }) => (
          <tr key={id}>
            <td data-label="When">
              <Time at={queuedAt} />
            </td>
            <td data-label="State" class={state === 'dead' ? 'bad' : undefined}>
              {WORDS[state]}
            </td>
            <td data-label="What it tells">{text}</td>
            <td data-label="Answer">
              {error ?? status ?? ''}{' '}
              {attempts > 1 && <span class="faint">{count(attempts, 'attempt')}</span>}
            </td>
            <td>{state === 'dead' && <ActionButton action={retryDeliveries(webhook, [id])} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
