import { setTimeout as delay } from 'node:timers/promises'
import type { Catalog } from '../catalog/catalog.ts'
import type { NotedAttempt } from '../catalog/webhooks.ts'
import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'
import type { Clock } from '../time/clock.ts'
import { repeat } from '../time/repeat.ts'
import { judgeAttempt, LONGEST_PAUSE, type AttemptOutcome } from './judge-attempt.ts'
import { renderMessage } from './render-message.ts'
import { signingSecrets } from './signing-secrets.ts'
import type { Delivery, DeliveryQueue, Webhook } from './webhook.ts'
import type { AttemptResult, WebhookSender } from './webhook-sender.ts'

/** How often it is looked for what is due, in milliseconds. */
const PACE = 500

/** Until there is a webhook, it is looked for one so many times more rarely: over a network each look costs. */
const RARER_WITHOUT_WEBHOOKS = 4

/** Messages that are on their way at once, in all and to one webhook: one that hangs holds up no other. */
const MOST_AT_ONCE = 24
const MOST_TO_ONE = 4

/** How long is waited where the catalog fails, in milliseconds. */
const FAILURE_PAUSE = 30_000

/** A queue that is long gives its place to others after so many messages. */
const MOST_IN_A_ROW = 20

/** What came of an attempt, for logs and metrics. */
export interface AttemptReport {
  readonly webhook: Webhook
  readonly delivery: Delivery
  readonly result: AttemptResult
  readonly outcome: AttemptOutcome
  readonly milliseconds: number
}

export interface DispatcherDependencies {
  readonly catalog: Catalog
  readonly sender: WebhookSender
  /** Of several servers over one catalog, the housekeeper sends: two would send everything twice. */
  readonly housekeeping: Housekeeping
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** Where people reach this server; undefined: messages have no link. */
  readonly publicUrl: string | undefined
  readonly onAttempt: (report: AttemptReport) => void
  /** Told where the catalog fails; what waits goes on waiting. */
  readonly onFailure: (error: unknown) => void
  /** Milliseconds; {@link PACE} unless a test cannot wait. */
  readonly pace?: number
  /** Milliseconds; {@link FAILURE_PAUSE} unless a test cannot wait. */
  readonly failurePause?: number
}

/**
 * Sends what waits in the catalog to webhooks: at least once, and what concerns one model to one webhook in the order in
 * which it happened, the next only when the one before was taken or given up. Whatever a receiver does, nothing else waits
 * for it: events are put into the catalog by whoever raises them, and this reads them from there.
 */
export class WebhookDispatcher {
  readonly #dependencies: DispatcherDependencies
  readonly #stopping = new AbortController()
  /** Queues whose first delivery is on its way, by webhook. */
  readonly #underWay = new Map<number, Set<string | null>>()
  readonly #running = new Set<Promise<void>>()
  #looking: Promise<void> = Promise.resolve()
  #hasWebhooks = false

  constructor(dependencies: DispatcherDependencies) {
    this.#dependencies = dependencies
  }

  start(): void {
    const { pace = PACE, onFailure } = this.#dependencies
    const look = async (): Promise<number | undefined> => {
      if (await this.#isWanted()) await this.dispatch()
      return this.#hasWebhooks ? pace : pace * RARER_WITHOUT_WEBHOOKS
    }
    this.#looking = repeat({ first: 0, every: pace }, this.#stopping.signal, look, onFailure)
  }

  /** Ends what is on its way; it is sent again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    await this.#looking
    await Promise.all(this.#running)
  }

  /** Begins to send what is due, as far as there are places. */
  async dispatch(): Promise<void> {
    const { catalog, clock, housekeeping } = this.#dependencies
    const { term } = housekeeping
    if (term === undefined) return
    let begun = true
    while (begun && this.#running.size < MOST_AT_ONCE && !this.#stopping.signal.aborted) {
      begun = false
      for (const queue of await catalog.listDueQueues(clock.now(), LONGEST_PAUSE, this.#busy())) {
        begun = this.#begin(queue, term) || begun
      }
    }
  }

  /** Whether there may be anything to send. Most have no webhook; that the last one was deleted need not be noticed before the next start. */
  async #isWanted(): Promise<boolean> {
    const { catalog, housekeeping } = this.#dependencies
    if (housekeeping.term === undefined) return false
    this.#hasWebhooks ||= (await catalog.listWebhooks()).length > 0
    return this.#hasWebhooks
  }

  /** Webhooks to which as much is on its way as may be. */
  #busy(): number[] {
    return [...this.#underWay].filter(([, queues]) => queues.size >= MOST_TO_ONE).map(([webhook]) => webhook)
  }

  #begin(queue: DeliveryQueue, term: HousekeepingTerm): boolean {
    const { webhook, model } = queue
    const own = this.#underWay.get(webhook) ?? new Set()
    if (own.has(model) || own.size >= MOST_TO_ONE || this.#running.size >= MOST_AT_ONCE) return false
    this.#underWay.set(webhook, own.add(model))
    const ending = AbortSignal.any([this.#stopping.signal, term.signal])
    const running = this.#empty(queue, ending, term.fence(this.#dependencies.catalog))
      .catch(async (error: unknown) => {
        if (!ending.aborted) await this.#reportAndWait(error, ending).catch(() => undefined)
      })
      .finally(() => {
        this.#running.delete(running)
        own.delete(model)
        if (own.size === 0) this.#underWay.delete(webhook)
      })
    this.#running.add(running)
    return true
  }

  /**
   * Sends the deliveries of a queue one after the other, until one fails or nothing waits.
   *
   * @param catalog Takes no writes once another server sends.
   */
  async #empty(begun: DeliveryQueue, ending: AbortSignal, catalog: Catalog): Promise<void> {
    let queue = begun
    for (let sent = 0; sent < MOST_IN_A_ROW && !ending.aborted; sent++) {
      const delivery = await catalog.firstWaiting(queue)
      const webhook = await catalog.findWebhook(queue.webhook)
      if (delivery === undefined || webhook === undefined) {
        await catalog.writeShared((writer) => writer.dropEmptyQueue(queue))
        return
      }
      if (!webhook.enabled) return
      const outcome = await this.#attempt(webhook, delivery, queue, { ending, catalog })
      if (outcome.state !== 'delivered') return
      queue = { ...queue, ...outcome.queue }
    }
  }

  async #attempt(
    webhook: Webhook,
    delivery: Delivery,
    queue: DeliveryQueue,
    { ending, catalog }: { ending: AbortSignal; catalog: Catalog },
  ): Promise<AttemptOutcome> {
    const { clock, random, sender, publicUrl, onAttempt } = this.#dependencies
    const begun = performance.now()
    const result = await sender.send(
      {
        url: webhook.url,
        message: delivery.message,
        body: renderMessage(webhook.format, delivery.event, publicUrl),
        secrets: signingSecrets(webhook, clock.now()),
      },
      ending,
    )
    const milliseconds = Math.round(performance.now() - begun)
    const at = clock.now()
    const outcome = judgeAttempt(queue, delivery, result, at, random())
    const noted: NotedAttempt = {
      ...outcome,
      delivery: { id: delivery.id, webhook: webhook.id, model: queue.model },
      at,
      status: result.status,
      error: result.kind === 'accepted' ? null : result.reason,
    }
    await this.#note(noted, ending, catalog)
    onAttempt({ webhook, delivery, result, outcome, milliseconds })
    return outcome
  }

  /**
   * Writes an attempt down, however long that takes: on a full disk the same message would be sent over and over otherwise.
   *
   * @throws where the server stops before it is written
   */
  async #note(attempt: NotedAttempt, ending: AbortSignal, catalog: Catalog): Promise<void> {
    for (;;) {
      try {
        await catalog.writeShared((writer) => writer.noteAttempt(attempt))
        return
      } catch (error) {
        if (ending.aborted) throw error
        await this.#reportAndWait(error, ending)
      }
    }
  }

  /** @throws where the server stops meanwhile */
  async #reportAndWait(error: unknown, ending: AbortSignal): Promise<void> {
    const { onFailure, failurePause = FAILURE_PAUSE } = this.#dependencies
    onFailure(error)
    await delay(failurePause, undefined, { signal: ending, ref: false })
  }
}
