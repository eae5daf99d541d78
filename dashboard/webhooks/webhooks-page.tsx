import type { Page as List } from '../../protocol/page.ts'
import type { Webhook } from '../../protocol/webhook.ts'
import { addressOf } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Empty } from '../parts/empty.tsx'
import { To } from '../parts/to.tsx'
import { nameSome } from '../text/name-some.ts'
import { WebhookForm } from './webhook-form.tsx'
import { webhookName, webhookState } from './webhook-state.ts'

/** Where events are sent, and whether they arrive. */
export const webhooksPage: Page<List<Webhook>> = {
  path: 'dashboard/webhooks',
  menu: 'webhooks',
  title: () => 'Webhooks',
  load: (api) => api.get('api/v1/webhooks'),
  view({ items }) {
    return (
      <>
        <h1>Webhooks</h1>
        {items.length === 0 ? (
          <Empty title="Nobody is told what happens">
            <p>
              A webhook tells Slack, Teams or a program of yours that a release was published, a tag moved, a
              rollout was taken back.
            </p>
          </Empty>
        ) : (
          <table class="rows">
            <Columns of={['Webhook', 'State', 'Leads to', 'Models', 'Tells']} />
            <tbody>
              {items.map((webhook) => (
                <WebhookRow key={webhook.id} webhook={webhook} />
              ))}
            </tbody>
          </table>
        )}
        <section aria-labelledby="add-title" class="after">
          <h2 id="add-title">Add a webhook</h2>
          <WebhookForm />
        </section>
      </>
    )
  },
}

function WebhookRow({ webhook }: { webhook: Webhook }) {
  const { now } = usePage()
  const { id, url, format, models, events } = webhook
  const { words, isBad } = webhookState(webhook, now.value)
  return (
    <tr>
      <th scope="row">
        <To href={addressOf.webhook(id)}>{webhookName(webhook)}</To> <span class="note">{format}</span>
      </th>
      <td data-label="State" class={isBad ? 'bad' : undefined}>
        {words}
      </td>
      <td data-label="Leads to">{url}</td>
      <td data-label="Models">{models === null ? 'all' : nameSome(models)}</td>
      <td data-label="Tells">{events.join(', ')}</td>
    </tr>
  )
}
