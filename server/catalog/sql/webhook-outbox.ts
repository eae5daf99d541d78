import { sql } from 'kysely'
import { presentEvent } from '../../events/present-event.ts'
import { newMessageId } from '../../webhooks/new-message-id.ts'
import { wantsEvent } from '../../webhooks/wants-event.ts'
import type { StoredEvent } from '../events.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { inParts } from '../in-parts.ts'
import { webhookOf } from './webhooks.ts'

/** Of one webhook: some 5 MB. More wait only where a receiver does not answer while very much happens. */
const MOST_WAITING = 10_000

/** Of one webhook, deliveries that were given up and can be sent again. */
const MOST_DEAD = 1_000

const OVERFLOW = `was never sent: ${MOST_WAITING} others waited already`

/**
 * Has events wait for the webhooks that want them, in the transaction that adds them: what happened is sent, and what did
 * not happen is not.
 *
 * @param events In the order in which they happened.
 */
export async function queueForWebhooks(db: CatalogDb, events: readonly StoredEvent[]): Promise<void> {
  if (events.length === 0) return
  const webhooks = await db.selectFrom('webhooks').selectAll().where('enabled', '=', 1).execute()
  if (webhooks.length === 0) return
  const told = events.map((event) => ({ event: presentEvent(event), at: event.at }))
  for (const webhook of webhooks.map(webhookOf)) {
    const rows = told
      .filter(({ event }) => wantsEvent(webhook, event))
      .map(({ event, at }) => ({
        webhook: webhook.id,
        model: event.model ?? '',
        message: newMessageId(),
        event: JSON.stringify(event),
        state: 'waiting',
        queued_at: at,
      }))
    if (rows.length === 0) continue
    for (const part of inParts(rows)) await db.insertInto('webhook_deliveries').values(part).execute()
    for (const [model, [first]] of Map.groupBy(rows, ({ model }) => model)) {
      await beginQueue(db, webhook.id, model, first?.queued_at ?? 0)
    }
    await giveUpBeyond(db, webhook.id, MOST_WAITING)
  }
}

/** Has a queue be looked at, unless it waits already. */
export async function beginQueue(db: CatalogDb, webhook: number, model: string, at: number): Promise<void> {
  await db
    .insertInto('webhook_queues')
    .values({ webhook, model, next_at: at, failures: 0, failing_since: null, error: null })
    .onConflict((conflict) => conflict.columns(['webhook', 'model']).doNothing())
    .execute()
}

/** The oldest go: a person who comes back wants to know how it is now. */
async function giveUpBeyond(db: CatalogDb, webhook: number, most: number): Promise<void> {
  const { count } = await db
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('webhook', '=', webhook)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  if (count <= most) return
  await db
    .updateTable('webhook_deliveries')
    .set({ state: 'dead', error: OVERFLOW, ended_at: sql`queued_at` })
    .where('id', 'in', (query) =>
      query
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('webhook', '=', webhook)
        .where('state', '=', 'waiting')
        .orderBy('id')
        .limit(count - most),
    )
    .execute()
  await dropOldDead(db, webhook)
}

/** Keeps a limited number of dead deliveries, and counts those that are dropped. */
export async function dropOldDead(db: CatalogDb, webhook: number): Promise<void> {
  const dropped = await dropOlder(db, webhook, 'dead', MOST_DEAD)
  if (dropped === 0) return
  await db
    .updateTable('webhooks')
    .set((row) => ({ lost: row('lost', '+', dropped) }))
    .where('id', '=', webhook)
    .execute()
}

/** Keeps the last deliveries of a webhook in some state. @returns how many were dropped. */
export async function dropOlder(
  db: CatalogDb,
  webhook: number,
  state: 'delivered' | 'dead',
  most: number,
): Promise<number> {
  const last = await db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook', '=', webhook)
    .where('state', '=', state)
    .orderBy('id', 'desc')
    .offset(most)
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return 0
  const { numDeletedRows } = await db
    .deleteFrom('webhook_deliveries')
    .where('webhook', '=', webhook)
    .where('state', '=', state)
    .where('id', '<=', last.id)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
