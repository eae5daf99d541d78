import type { Page as List } from '../../protocol/page.ts'
import type { Webhook, WebhookDelivery } from '../../protocol/webhook.ts'
import { retryDeliveries, webhookActions } from '../actions/webhooks.ts'
import { addressOf, withQuery } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import type { Page } from '../page/page.ts'
import { ActionButton, ActionButtons } from '../parts/action-button.tsx'
import { Facts } from '../parts/facts.tsx'
import { Pager } from '../parts/pager.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { nameSome } from '../text/name-some.ts'
import { DeliveryTable } from './delivery-table.tsx'
import { EVENT_WORDS } from './event-words.ts'
import { webhookName, webhookState } from './webhook-state.ts'

interface WebhookData {
  readonly webhook: Webhook
  readonly deliveries: List<WebhookDelivery>
}

const STATES = [
  ['', 'all'],
  ['dead', 'given up'],
  ['waiting', 'waiting'],
  ['delivered', 'delivered'],
] as const

/** A webhook: how it is, what was sent to it, and what it was not told. */
export const webhookPage: Page<WebhookData> = {
  path: 'dashboard/webhooks/:id',
  menu: 'webhooks',
  title: ({ webhook }) => webhookName(webhook),
  async load(api, { params: { id = '' }, query: { state, cursor } }) {
    const webhookAt = `api/v1/webhooks/${encodeURIComponent(id)}`
    const [webhook, deliveries] = await Promise.all([
      api.get<Webhook>(webhookAt),
      api.get<List<WebhookDelivery>>(withQuery(`${webhookAt}/deliveries`, { state, cursor, limit: '50' })),
    ])
    return { webhook, deliveries }
  },
  view({ webhook, deliveries }, { query }) {
    const { id, url, format, models, events, createdAt, createdBy } = webhook
    const dead = deliveries.items.filter(({ state }) => state === 'dead').map((delivery) => delivery.id)
    return (
      <>
        <h1>{webhookName(webhook)}</h1>
        <Facts
          items={[
            ['State', <StateOf key="state" webhook={webhook} />],
            ['Leads to', url],
            ['Format', format],
            ['Models', models === null ? 'all' : nameSome(models, models.length, 10)],
            ['Tells when', events.map((type) => EVENT_WORDS[type]).join('; ')],
            [
              'Added',
              <>
                <Time at={createdAt} /> by {createdBy}
              </>,
            ],
          ]}
        />
        <div class="buttons head">
          <ActionButtons actions={webhookActions(webhook)} />
        </div>
        <section aria-labelledby="deliveries-title">
          <h2 id="deliveries-title">Deliveries</h2>
          <nav aria-label="State" class="chips">
            {STATES.map(([state, words]) => (
              <To
                key={state}
                href={withQuery(addressOf.webhook(id), { state })}
                class={(query['state'] ?? '') === state ? 'note chosen' : 'note'}
              >
                {words}
              </To>
            ))}
          </nav>
          {dead.length > 1 && (
            <div class="buttons head">
              <ActionButton action={retryDeliveries(webhook, dead.toReversed())} />
            </div>
          )}
          <DeliveryTable webhook={webhook} deliveries={deliveries.items} />
          <Pager path={addressOf.webhook(id)} query={query} next={deliveries.next} />
        </section>
      </>
    )
  },
}

function StateOf({ webhook }: { webhook: Webhook }) {
  const { now } = usePage()
  const { words, isBad } = webhookState(webhook, now.value)
  return <span class={isBad ? 'bad' : undefined}>{words}</span>
}
