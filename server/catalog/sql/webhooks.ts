import type { Insertable, Selectable } from 'kysely'
import { z } from 'zod'
import { eventType } from '../../../protocol/event.ts'
import { webhookFormat } from '../../../protocol/webhook.ts'
import type { Webhook } from '../../webhooks/webhook.ts'
import type { WebhookReader, WebhookWriter } from '../webhooks.ts'
import type { CatalogDb, WebhookRow } from './catalog-tables.ts'

/** Answers the questions about webhooks themselves in SQL. */
export function webhookReader(db: CatalogDb): Pick<WebhookReader, 'listWebhooks' | 'findWebhook'> {
  return {
    async listWebhooks() {
      const rows = await db.selectFrom('webhooks').selectAll().orderBy('id', 'desc').execute()
      return rows.map(webhookOf)
    },

    async findWebhook(id) {
      const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
      return row && webhookOf(row)
    },
  }
}

/** Changes webhooks themselves in SQL, inside the transaction that it is given. */
export function webhookWriter(
  db: CatalogDb,
): Pick<WebhookWriter, 'insertWebhook' | 'updateWebhook' | 'deleteWebhook'> {
  return {
    async insertWebhook(webhook) {
      const row = await db
        .insertInto('webhooks')
        .values(rowOf(webhook))
        .returningAll()
        .executeTakeFirstOrThrow()
      return webhookOf(row)
    },

    async updateWebhook({ id, ...webhook }) {
      await db.updateTable('webhooks').set(rowOf(webhook)).where('id', '=', id).execute()
    },

    async deleteWebhook(id) {
      await db.deleteFrom('webhook_queues').where('webhook', '=', id).execute()
      await db.deleteFrom('webhook_deliveries').where('webhook', '=', id).execute()
      await db.deleteFrom('webhooks').where('id', '=', id).execute()
    },
  }
}

function rowOf(webhook: Omit<Webhook, 'id' | 'lost'>): Omit<Insertable<WebhookRow>, 'lost'> {
  const { name, url, format, events, models, enabled, disabledReason, secret, previousSecret } = webhook
  return {
    name,
    url,
    format,
    secret,
    events: JSON.stringify(events),
    models: models === null ? null : JSON.stringify(models),
    enabled: enabled ? 1 : 0,
    disabled_reason: disabledReason,
    previous_secret: previousSecret?.secret ?? null,
    previous_until: previousSecret?.until ?? null,
    created_at: webhook.createdAt,
    created_by: webhook.createdBy,
  }
}

/** A webhook as its row has it. */
export function webhookOf(row: Selectable<WebhookRow>): Webhook {
  const { id, name, url, secret, lost } = row
  return {
    id,
    name,
    url,
    secret,
    lost,
    format: webhookFormat.parse(row.format),
    // Types that another version knew are nothing that can happen here.
    events: z
      .array(z.string())
      .parse(JSON.parse(row.events))
      .flatMap((type) => eventType.safeParse(type).data ?? []),
    models: row.models === null ? null : z.array(z.string()).parse(JSON.parse(row.models)),
    enabled: row.enabled !== 0,
    disabledReason: row.disabled_reason,
    previousSecret:
      row.previous_secret === null ? null : { secret: row.previous_secret, until: row.previous_until ?? 0 },
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
