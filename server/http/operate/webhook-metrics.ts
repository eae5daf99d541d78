import { Counter, Gauge, type Metric } from 'prom-client'
import type { DeliverySummary } from '../../webhooks/webhook.ts'

/** What came of an attempt: taken; to be tried again; not asked; given up. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'blocked' | 'dead'

/** How webhooks do, for Prometheus. There are few of them: each has its label. */
export class WebhookMetrics {
  readonly #deliveries = new Counter({
    name: 'slipway_webhook_deliveries_total',
    help: 'Attempts to deliver an event to a webhook, by what came of them; dead: given up.',
    labelNames: ['outcome'],
    registers: [],
  })
  readonly metrics: readonly Metric[]

  /**
   * @param summarize Of every webhook.
   * @param now Milliseconds since 1970.
   */
  constructor(summarize: () => Promise<readonly DeliverySummary[]>, now: () => number) {
    for (const outcome of ['delivered', 'failed', 'blocked', 'dead'] as const) {
      this.#deliveries.inc({ outcome }, 0)
    }
    // Who scrapes reads all three at once.
    let summaries: Promise<readonly DeliverySummary[]> | undefined
    const read = (): Promise<readonly DeliverySummary[]> =>
      (summaries ??= summarize().finally(() => {
        summaries = undefined
      }))
    const gauge = (name: string, help: string, value: (summary: DeliverySummary) => number): Gauge => {
      return new Gauge({
        name,
        help,
        labelNames: ['webhook'],
        registers: [],
        async collect() {
          const found = await read()
          this.reset()
          for (const summary of found) this.set({ webhook: String(summary.webhook) }, value(summary))
        },
      })
    }
    this.metrics = [
      this.#deliveries,
      gauge('slipway_webhook_waiting', 'Deliveries that wait for a webhook.', ({ waiting }) => waiting),
      gauge('slipway_webhook_dead', 'Deliveries that were given up and are kept.', ({ dead }) => dead),
      gauge(
        'slipway_webhook_oldest_waiting_seconds',
        'How long the oldest delivery of a webhook waits already; 0: none does.',
        ({ oldestWaitingAt }) => (oldestWaitingAt === null ? 0 : Math.max(0, now() - oldestWaitingAt) / 1000),
      ),
    ]
  }

  /** Counts what came of an attempt. */
  note(outcome: DeliveryOutcome): void {
    this.#deliveries.inc({ outcome })
  }
}
