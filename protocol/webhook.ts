import { z } from 'zod'
import { eventType } from './event.ts'
import { author, instant, modelName } from './fields.ts'

/** What a webhook sends. */
export const webhookFormat = z.enum(['standard', 'slack', 'teams']).meta({
  description:
    '`standard`: the event as JSON, signed as Standard Webhooks have it. `slack`, `teams`: one sentence with a link.',
  example: 'slack',
})

/** @see webhookFormat */
export type WebhookFormat = z.infer<typeof webhookFormat>

/** The events that a webhook gets where nothing is said: few enough for a channel that people read. */
export const DEFAULT_WEBHOOK_EVENTS = [
  'release.published',
  'tag.moved',
  'rollout.changed',
  'blob.damaged',
  'model.deleted',
] as const

const webhookId = z.string().meta({ description: 'Names the webhook.', example: '3' })

const webhookName = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: 'What people call it.', example: 'on-call channel' })

const webhookUrl = z.string().min(1).max(2000).meta({
  description:
    'Where events are sent: https, on the public internet; another only where SLIPWAY_WEBHOOK_HOSTS names the host.',
  example: 'https://hooks.slack.com/services/T0/B0/x',
})

const webhookEvents = z
  .array(eventType)
  .min(1)
  .max(eventType.options.length)
  .meta({ description: 'Which types of events it gets.', example: ['rollout.changed', 'load.failed'] })

const webhookModels = z
  .array(modelName)
  .min(1)
  .max(100)
  .meta({
    description: 'Events of these models only, and those of no model; null: of every model.',
    example: ['shop'],
  })

/** What a webhook is made of. */
export const newWebhookSchema = z
  .strictObject({
    url: webhookUrl,
    name: webhookName.optional(),
    format: webhookFormat.default('standard'),
    events: webhookEvents.optional(),
    models: webhookModels.optional(),
  })
  .meta({ id: 'NewWebhook', description: 'A webhook that is to be added.' })

/** What can be changed of a webhook. */
export const webhookChangeSchema = z
  .strictObject({
    url: webhookUrl.optional(),
    name: webhookName.nullable().optional(),
    format: webhookFormat.optional(),
    events: webhookEvents.optional(),
    models: webhookModels.nullable().optional(),
    enabled: z.boolean().optional().meta({
      description: 'false: nothing is sent, and nothing new waits for it. true: it is sent what waits.',
      example: true,
    }),
    newSecret: z.literal(true).optional().meta({
      description:
        'Draws a new secret and answers with it. For 24 hours deliveries carry a signature by the one before, too.',
      example: true,
    }),
  })
  .meta({ id: 'WebhookChange', description: 'What is to be changed; what is left out stays.' })

const count = (description: string, example: number) => z.int().min(0).meta({ description, example })

/** A webhook. */
export const webhookSchema = z
  .object({
    id: webhookId,
    name: webhookName.nullable(),
    url: z.string().meta({
      description: 'Where events are sent, without what may be a secret: path and query.',
      example: 'https://hooks.slack.com/…',
    }),
    format: webhookFormat,
    events: webhookEvents,
    models: webhookModels.nullable(),
    enabled: z.boolean().meta({ description: 'Whether it is sent anything.', example: true }),
    disabledReason: z.string().nullable().meta({
      description: 'Why Slipway disabled it by itself; null: it did not.',
      example: 'the receiver answered 410: it is gone',
    }),
    createdAt: instant,
    createdBy: author,
    deliveries: z
      .object({
        waiting: count('Deliveries that are not done yet.', 0),
        dead: count('Deliveries that were given up; each can be sent again.', 0),
        lost: count('Dead deliveries that were dropped, since only the last 1,000 are kept.', 0),
        oldestWaitingAt: instant.nullable(),
        failingSince: instant.nullable(),
        nextAttemptAt: instant.nullable(),
        error: z.string().nullable().meta({
          description: 'Why the last attempt failed; null: it did not.',
          example: 'was answered 503',
        }),
      })
      .meta({ description: 'How its deliveries are.' }),
  })
  .meta({ id: 'Webhook', description: 'Where events are sent.' })

/** A webhook with its secret, which is told when it is drawn and never again. */
export const webhookWithSecretSchema = webhookSchema
  .extend({
    secret: z.string().optional().meta({
      description:
        'What deliveries are signed with (Standard Webhooks), where it was drawn just now. It is told this once.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .meta({
    id: 'WebhookWithSecret',
    description: 'A webhook as it is now, with its secret where that is new.',
  })

/** What came of a test delivery. */
export const webhookTestSchema = z
  .object({
    delivered: z.boolean().meta({ description: 'Whether the receiver took it.', example: true }),
    status: z
      .int()
      .nullable()
      .meta({ description: 'What it answered; null: nothing came back.', example: 200 }),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it was not taken.', example: 'was answered 404: no_service' }),
    milliseconds: count('How long it took.', 120),
  })
  .meta({ id: 'WebhookTest', description: 'What came of a test delivery.' })

export const deliveryState = z.enum(['waiting', 'delivered', 'dead']).meta({
  description: '`dead`: given up after three days, or since the receiver does not take it.',
  example: 'delivered',
})

/** One event on its way to one webhook. */
export const webhookDeliverySchema = z
  .object({
    id: z.string().meta({ description: 'Names the delivery.', example: '17' }),
    message: z.string().meta({
      description: 'The field `webhook-id` of every attempt: a receiver that has seen it has the event.',
      example: 'msg_0f8fad5bd9cb469fa16570867728950e',
    }),
    event: z.int().meta({ description: 'The id of the event.', example: 4711 }),
    type: eventType,
    model: modelName.nullable(),
    text: z.string().meta({
      description: 'The event in one sentence.',
      example: 'shop@production moved from release 7 to release 8, by publish.',
    }),
    state: deliveryState,
    attempts: count('How often it was sent.', 1),
    queuedAt: instant,
    endedAt: instant.nullable(),
    status: z
      .int()
      .nullable()
      .meta({ description: 'What the last attempt was answered; null: nothing.', example: 200 }),
    error: z.string().nullable().meta({ description: 'Why the last attempt failed.', example: null }),
  })
  .meta({ id: 'WebhookDelivery', description: 'An event on its way to a webhook.' })

/** @see newWebhookSchema */
export type NewWebhook = z.infer<typeof newWebhookSchema>
/** @see webhookChangeSchema */
export type WebhookChange = z.infer<typeof webhookChangeSchema>
/** @see webhookSchema */
export type Webhook = z.infer<typeof webhookSchema>
/** @see webhookWithSecretSchema */
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>
/** @see webhookTestSchema */
export type WebhookTest = z.infer<typeof webhookTestSchema>
/** @see webhookDeliverySchema */
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>
