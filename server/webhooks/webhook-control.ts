import { DEFAULT_WEBHOOK_EVENTS, type NewWebhook, type WebhookChange } from '../../protocol/webhook.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Clock } from '../time/clock.ts'
import { newMessageId } from './new-message-id.ts'
import { renderMessage } from './render-message.ts'
import { drawSecret, replaceSecret, signingSecrets } from './signing-secrets.ts'
import { targetRefusal } from './target-refusal.ts'
import { MOST_WEBHOOKS, type Delivery, type ToldEvent, type Webhook } from './webhook.ts'
import type { AttemptResult, WebhookSender } from './webhook-sender.ts'

export interface WebhookControlDependencies {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly sender: WebhookSender
  /** Hosts of `SLIPWAY_WEBHOOK_HOSTS`. */
  readonly hosts: readonly string[]
  readonly publicUrl: string | undefined
}

/** What people do to webhooks. */
export class WebhookControl {
  readonly #dependencies: WebhookControlDependencies

  constructor(dependencies: WebhookControlDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Adds a webhook.
   *
   * @param by Who does it.
   * @throws DomainError `webhook-target-refused`, `too-many-webhooks`
   */
  async add({ url, name, format, events, models }: NewWebhook, by: string): Promise<Webhook> {
    const { catalog, clock } = this.#dependencies
    await this.#requireTarget(url)
    return await catalog.writeShared(async (writer) => {
      if ((await writer.listWebhooks()).length >= MOST_WEBHOOKS) {
        throw new DomainError(
          'too-many-webhooks',
          `There are ${MOST_WEBHOOKS} webhooks already; remove one that nobody needs.`,
        )
      }
      return await writer.insertWebhook({
        url,
        name: name ?? null,
        format,
        events: [...new Set(events ?? DEFAULT_WEBHOOK_EVENTS)],
        models: models === undefined ? null : [...new Set(models)],
        enabled: true,
        disabledReason: null,
        secret: drawSecret(),
        previousSecret: null,
        createdAt: clock.now(),
        createdBy: by,
      })
    })
  }

  /** @throws DomainError `webhook-not-found` */
  async read(id: string): Promise<Webhook> {
    return require(id, await this.#dependencies.catalog.findWebhook(numberOf(id)))
  }

  /**
   * Changes a webhook; what is left out stays. Where it is enabled again, or leads elsewhere, what waits is sent now and not
   * after the pause.
   *
   * @throws DomainError `webhook-not-found`, `webhook-target-refused`
   */
  async change(id: string, { newSecret, ...change }: WebhookChange): Promise<Webhook> {
    const { catalog, clock } = this.#dependencies
    if (change.url !== undefined) await this.#requireTarget(change.url)
    return await catalog.writeShared(async (writer) => {
      const before = require(id, await writer.findWebhook(numberOf(id)))
      const drawn = newSecret === true ? replaceSecret(before, drawSecret(), clock.now()) : before
      const given = Object.entries(change).filter(([, value]) => value !== undefined)
      const changed = { ...drawn, ...(Object.fromEntries(given) as Partial<Webhook>) }
      const after = change.enabled === undefined ? changed : { ...changed, disabledReason: null }
      await writer.updateWebhook(after)
      if ((after.enabled && !before.enabled) || after.url !== before.url) {
        await writer.hastenDeliveries(before.id, clock.now())
      }
      return after
    })
  }

  /** Removes a webhook with all that waits for it. @throws DomainError `webhook-not-found` */
  async remove(id: string): Promise<void> {
    await this.#dependencies.catalog.writeShared(async (writer) => {
      require(id, await writer.findWebhook(numberOf(id)))
      await writer.deleteWebhook(numberOf(id))
    })
  }

  /**
   * Sends a made-up event at once, beside all that waits, and waits for the answer. Where it is taken, what waits is sent
   * now and not after the pause.
   *
   * @throws DomainError `webhook-not-found`
   */
  async test(id: string, signal: AbortSignal): Promise<AttemptResult & { milliseconds: number }> {
    const { catalog, clock, sender, publicUrl } = this.#dependencies
    const webhook = await this.read(id)
    const { url, format } = webhook
    const now = clock.now()
    const begun = performance.now()
    const body = renderMessage(format, testEvent(now), publicUrl)
    const request = { url, message: newMessageId(), body, secrets: signingSecrets(webhook, now) }
    const result = await sender.send(request, signal)
    const milliseconds = Math.round(performance.now() - begun)
    if (result.kind === 'accepted') {
      await catalog.writeShared((writer) => writer.hastenDeliveries(webhook.id, clock.now()))
    }
    return { ...result, milliseconds }
  }

  /**
   * Has a dead delivery wait again.
   *
   * @throws DomainError `webhook-not-found`, `delivery-not-found`, `delivery-state`
   */
  async retry(id: string, delivery: string): Promise<Delivery> {
    const { catalog, clock } = this.#dependencies
    return await catalog.writeShared(async (writer) => {
      const webhook = require(id, await writer.findWebhook(numberOf(id)))
      const found = await writer.findDelivery(webhook.id, numberOf(delivery))
      if (found === undefined) {
        throw new DomainError('delivery-not-found', `Webhook ${id} has no delivery ${delivery.slice(0, 20)}.`)
      }
      if (found.state !== 'dead' || !(await writer.queueAgain(found, clock.now()))) {
        const state = found.state === 'dead' ? 'being sent again already' : found.state
        throw new DomainError(
          'delivery-state',
          `Delivery ${delivery} is ${state}; only dead ones are sent again.`,
        )
      }
      return { ...found, state: 'waiting', queuedAt: clock.now(), endedAt: null }
    })
  }

  async #requireTarget(url: string): Promise<void> {
    const { hosts, sender } = this.#dependencies
    const refusal = targetRefusal(url, hosts) ?? (await sender.findRefusal(url))
    if (refusal === undefined) return
    throw new DomainError('webhook-target-refused', `The address of the webhook ${refusal}.`)
  }
}

/** What is no number names nothing: -1 is no id. */
function numberOf(id: string): number {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : -1
}

function require(id: string, webhook: Webhook | undefined): Webhook {
  if (webhook !== undefined) return webhook
  throw new DomainError('webhook-not-found', `There is no webhook ${id.slice(0, 20)}.`)
}

/** Looks like the real thing, so that a receiver that reads it is tested; it says that it is none. */
function testEvent(now: number): ToldEvent {
  return {
    id: 0,
    at: new Date(now).toISOString(),
    type: 'webhook.test',
    model: null,
    tag: null,
    bot: null,
    process: null,
    data: {},
  }
}
