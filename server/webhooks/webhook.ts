import type { Event, EventType } from '../../protocol/event.ts'
import type { WebhookFormat } from '../../protocol/webhook.ts'

/** Where events are sent, as the catalog keeps it. Moments are milliseconds since 1970. */
export interface Webhook {
  readonly id: number
  readonly name: string | null
  /** Whole: path and query may be secrets. */
  readonly url: string
  readonly format: WebhookFormat
  readonly events: readonly EventType[]
  /** null: of every model. */
  readonly models: readonly string[] | null
  readonly enabled: boolean
  /** Why Slipway disabled it by itself. */
  readonly disabledReason: string | null
  /** `whsec_…` */
  readonly secret: string
  /** The one before, which signs beside it until then. */
  readonly previousSecret: { readonly secret: string; readonly until: number } | null
  readonly createdAt: number
  readonly createdBy: string
  /** Dead deliveries that were dropped. */
  readonly lost: number
}

/** What a message tells: an event, or that somebody tries whether messages arrive. */
export interface ToldEvent extends Omit<Event, 'type'> {
  readonly type: EventType | 'webhook.test'
}

/** One event on its way to one webhook. */
export interface Delivery {
  readonly id: number
  readonly webhook: number
  /** The same for every attempt: what receivers know repetitions by. */
  readonly message: string
  readonly event: Event
  readonly state: 'waiting' | 'delivered' | 'dead'
  readonly attempts: number
  /** When it began to wait: when the event happened, or when a dead delivery was sent again. */
  readonly queuedAt: number
  readonly endedAt: number | null
  /** What the last attempt was answered. */
  readonly status: number | null
  readonly error: string | null
}

/** What waits for one webhook of one model: its first delivery goes first, and the others behind it. */
export interface DeliveryQueue {
  readonly webhook: number
  /** null: of events that belong to no model. */
  readonly model: string | null
  readonly nextAt: number
  /** Attempts that failed since the last that did not. */
  readonly failures: number
  readonly failingSince: number | null
  readonly error: string | null
}

/** How the deliveries of a webhook are. */
export interface DeliverySummary {
  readonly webhook: number
  readonly waiting: number
  readonly dead: number
  readonly oldestWaitingAt: number | null
  readonly failingSince: number | null
  readonly nextAt: number | null
  readonly error: string | null
}

/** That many webhooks are as many as anybody keeps apart. */
export const MOST_WEBHOOKS = 20
