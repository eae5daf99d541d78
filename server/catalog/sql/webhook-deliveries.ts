import type { Selectable } from 'kysely'
import type { Event } from '../../../protocol/event.ts'
import type { Delivery, DeliveryQueue, DeliverySummary } from '../../webhooks/webhook.ts'
import type { WebhookReader, WebhookWriter } from '../webhooks.ts'
import type { CatalogDb, WebhookDeliveryRow, WebhookQueueRow } from './catalog-tables.ts'
import { beginQueue, dropOldDead, dropOlder } from './webhook-outbox.ts'

/** Of one webhook, deliveries that succeeded: enough to see that it works. */
const MOST_DELIVERED = 200

/** Queues that are looked at in one go. */
const MOST_QUEUES = 100

const NOT_TRIED = 'was never sent: the receiver took nothing for three days'

type Reader = Omit<WebhookReader, 'listWebhooks' | 'findWebhook'>
type Writer = Omit<WebhookWriter, 'insertWebhook' | 'updateWebhook' | 'deleteWebhook'>

/** Answers the questions about deliveries in SQL. */
export function deliveryReader(db: CatalogDb): Reader {
  return {
    async listDeliveries(webhook, { limit, cursor }, state) {
      const rows = await db
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook', '=', webhook)
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? ''))
        .$if(cursor !== undefined, (query) => query.where('id', '<', cursor ?? 0))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(deliveryOf)
    },

    async findDelivery(webhook, id) {
      const row = await db
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook', '=', webhook)
        .where('id', '=', id)
        .executeTakeFirst()
      return row && deliveryOf(row)
    },

    async listDueQueues(now, longestPause, except) {
      const rows = await db
        .selectFrom('webhook_queues')
        .innerJoin('webhooks', 'webhooks.id', 'webhook_queues.webhook')
        .selectAll('webhook_queues')
        .where('webhooks.enabled', '=', 1)
        .$if(except.length > 0, (query) => query.where('webhooks.id', 'not in', except))
        .where((where) => where.or([where('next_at', '<=', now), where('next_at', '>', now + longestPause)]))
        .orderBy('next_at')
        .limit(MOST_QUEUES)
        .execute()
      return rows.map(queueOf)
    },

    async firstWaiting({ webhook, model }) {
      const row = await db
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook', '=', webhook)
        .where('model', '=', model ?? '')
        .where('state', '=', 'waiting')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      return row && deliveryOf(row)
    },

    async summarizeDeliveries() {
      return await summarize(db)
    },
  }
}

/** Changes deliveries in SQL, inside the transaction that it is given. */
export function deliveryWriter(db: CatalogDb): Writer {
  return {
    async noteAttempt(attempt) {
      const { delivery, state, at, status, error, queue, giveUpBefore, disabledReason } = attempt
      const { id, webhook } = delivery
      const model = delivery.model ?? ''
      const { numUpdatedRows } = await db
        .updateTable('webhook_deliveries')
        .set((row) => ({
          state,
          status,
          error,
          attempts: row('attempts', '+', 1),
          ended_at: state === 'waiting' ? null : at,
        }))
        .where('id', '=', id)
        // Given up meanwhile, since too many waited: that it failed changes nothing then.
        .$if(state !== 'delivered', (query) => query.where('state', '=', 'waiting'))
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return
      if (giveUpBefore !== null) await giveUp(db, webhook, model, giveUpBefore, at)
      if (disabledReason !== null) {
        await db
          .updateTable('webhooks')
          .set({ enabled: 0, disabled_reason: disabledReason })
          .where('id', '=', webhook)
          .execute()
      }
      await db
        .updateTable('webhook_queues')
        .set({
          next_at: queue.nextAt,
          failures: queue.failures,
          failing_since: queue.failingSince,
          error: queue.error,
        })
        .where('webhook', '=', webhook)
        .where('model', '=', model)
        .execute()
      await dropEmpty(db, webhook, model)
      if (state === 'delivered') await dropOlder(db, webhook, 'delivered', MOST_DELIVERED)
      if (state === 'dead') await dropOldDead(db, webhook)
    },

    async queueAgain({ id, webhook, event }, now) {
      const { numUpdatedRows } = await db
        .updateTable('webhook_deliveries')
        .set({ state: 'waiting', queued_at: now, ended_at: null })
        .where('id', '=', id)
        // Somebody else may have sent it again meanwhile, and it may have arrived.
        .where('state', '=', 'dead')
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await beginQueue(db, webhook, event.model ?? '', now)
      await hasten(db, webhook, now)
      return true
    },

    async hastenDeliveries(webhook, now) {
      await hasten(db, webhook, now)
    },

    async dropEmptyQueue({ webhook, model }) {
      await dropEmpty(db, webhook, model ?? '')
    },
  }
}

async function summarize(db: CatalogDb): Promise<DeliverySummary[]> {
  const counts = await db
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => [
      'webhook',
      'state',
      fn.countAll<number>().as('count'),
      fn.min('queued_at').as('oldest'),
    ])
    .where('state', 'in', ['waiting', 'dead'])
    .groupBy(['webhook', 'state'])
    .execute()
  const queues = await db.selectFrom('webhook_queues').selectAll().execute()
  const webhooks = new Set([...counts, ...queues].map(({ webhook }) => webhook))
  return [...webhooks].map((webhook) => {
    const waiting = counts.find((row) => row.webhook === webhook && row.state === 'waiting')
    const dead = counts.find((row) => row.webhook === webhook && row.state === 'dead')
    const own = queues.filter((row) => row.webhook === webhook)
    const failing = own.filter((row) => row.failing_since !== null)
    const [longest] = failing.toSorted(
      (one, other) => Number(one.failing_since) - Number(other.failing_since),
    )
    return {
      webhook,
      waiting: waiting?.count ?? 0,
      dead: dead?.count ?? 0,
      oldestWaitingAt: waiting?.oldest ?? null,
      failingSince: longest?.failing_since ?? null,
      nextAt: own.length === 0 ? null : own.reduce((least, row) => Math.min(least, row.next_at), Infinity),
      error: longest?.error ?? null,
    }
  })
}

async function giveUp(
  db: CatalogDb,
  webhook: number,
  model: string,
  before: number,
  at: number,
): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ state: 'dead', error: NOT_TRIED, ended_at: at })
    .where('webhook', '=', webhook)
    .where('model', '=', model)
    .where('state', '=', 'waiting')
    .where('queued_at', '<', before)
    .execute()
}

async function hasten(db: CatalogDb, webhook: number, now: number): Promise<void> {
  await db.updateTable('webhook_queues').set({ next_at: now }).where('webhook', '=', webhook).execute()
}

async function dropEmpty(db: CatalogDb, webhook: number, model: string): Promise<void> {
  await db
    .deleteFrom('webhook_queues')
    .where('webhook', '=', webhook)
    .where('model', '=', model)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('webhook_deliveries')
            .select('id')
            .where('webhook', '=', webhook)
            .where('model', '=', model)
            .where('state', '=', 'waiting'),
        ),
      ),
    )
    .execute()
}

function deliveryOf(row: Selectable<WebhookDeliveryRow>): Delivery {
  const { id, webhook, message, attempts, status, error } = row
  return {
    id,
    webhook,
    message,
    attempts,
    status,
    error,
    event: JSON.parse(row.event) as Event,
    state: row.state as Delivery['state'],
    queuedAt: row.queued_at,
    endedAt: row.ended_at,
  }
}

function queueOf(row: Selectable<WebhookQueueRow>): DeliveryQueue {
  const { webhook, model, failures, error } = row
  return {
    webhook,
    failures,
    error,
    model: model === '' ? null : model,
    nextAt: row.next_at,
    failingSince: row.failing_since,
  }
}
