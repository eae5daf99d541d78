import type { AttemptOutcome } from '../webhooks/judge-attempt.ts'
import type { Delivery, DeliveryQueue, DeliverySummary, Webhook } from '../webhooks/webhook.ts'
import type { PageOf } from './page-of.ts'

/** Questions about webhooks and what waits for them. */
export interface WebhookReader {
  /** All of them, the last added first: there are few. */
  listWebhooks(): Promise<Webhook[]>
  findWebhook(id: number): Promise<Webhook | undefined>
  /** The deliveries of a webhook, the last first, by id. @param state undefined: in any state. */
  listDeliveries(webhook: number, page: PageOf<number>, state?: Delivery['state']): Promise<Delivery[]>
  findDelivery(webhook: number, id: number): Promise<Delivery | undefined>
  /**
   * The queues of enabled webhooks that are due, those that are due longest first; a hundred at most.
   *
   * @param longestPause Milliseconds. What is due later than that was written by a clock that was set back since: it is due, too.
   * @param except Webhooks whose queues are left out.
   */
  listDueQueues(now: number, longestPause: number, except: readonly number[]): Promise<DeliveryQueue[]>
  /** The delivery that is to go first. */
  firstWaiting(queue: Pick<DeliveryQueue, 'webhook' | 'model'>): Promise<Delivery | undefined>
  /** How the deliveries of each webhook are; a webhook that has none is not in it. */
  summarizeDeliveries(): Promise<DeliverySummary[]>
}

/** What was learned from one attempt, and what follows. */
export interface NotedAttempt extends AttemptOutcome {
  readonly delivery: Pick<Delivery, 'id' | 'webhook'> & { readonly model: string | null }
  readonly at: number
  readonly status: number | null
  readonly error: string | null
}

/** Changes of webhooks and their deliveries. What waits is put there by {@link EventWriter.addEvents}. */
export interface WebhookWriter {
  insertWebhook(webhook: Omit<Webhook, 'id' | 'lost'>): Promise<Webhook>
  /** Writes all of a webhook but its count of what was lost. */
  updateWebhook(webhook: Webhook): Promise<void>
  /** Deletes a webhook with all its deliveries. */
  deleteWebhook(id: number): Promise<void>
  /** Writes down an attempt; nothing where its webhook was deleted meanwhile. */
  noteAttempt(attempt: NotedAttempt): Promise<void>
  /** Has a dead delivery wait again, in its place by id. @returns false, and changes nothing, where it is not dead any more */
  queueAgain(delivery: Delivery, now: number): Promise<boolean>
  /** Has a webhook's queues be due now. */
  hastenDeliveries(webhook: number, now: number): Promise<void>
  /** Drops a queue in which nothing waits any more. */
  dropEmptyQueue(queue: Pick<DeliveryQueue, 'webhook' | 'model'>): Promise<void>
}
