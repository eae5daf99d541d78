import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { NewEvent } from '../../server/catalog/events.ts'
import type { Delivery, DeliveryQueue, Webhook } from '../../server/webhooks/webhook.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const NOW = 1_800_000_000_000
const HOUR = 60 * 60_000

/** A webhook that wants every move of a tag, unless said otherwise. */
export function aWebhook(differences: Partial<Webhook> = {}): Omit<Webhook, 'id' | 'lost'> {
  return {
    name: null,
    url: 'https://example.com/hook',
    format: 'standard',
    events: ['tag.moved'],
    models: null,
    enabled: true,
    disabledReason: null,
    secret: 'whsec_c2VjcmV0',
    previousSecret: null,
    createdAt: NOW,
    createdBy: 'ann',
    ...differences,
  }
}

/** A move of a tag, unless said otherwise. */
export function aMove(model: string | null, to: number, differences: Partial<NewEvent> = {}): NewEvent {
  return {
    at: NOW,
    kind: 'tag.moved',
    model,
    tag: 'production',
    bot: null,
    process: null,
    body: { from: null, to, movedBy: 'ci', reason: null },
    ...differences,
  }
}

/** What every catalog promises of webhooks and of what waits for them. */
export function describeCatalogWebhooks(name: string, make: () => Promise<Catalog>): void {
  describe(`${name}, a catalog of webhooks`, () => {
    let catalog: Catalog

    beforeEach(async () => {
      catalog = await make()
      const made = catalog
      afterThisTest(() => made.close())
    })

    const insert = (differences?: Partial<Webhook>) =>
      catalog.writeShared((writer) => writer.insertWebhook(aWebhook(differences)))
    const add = (...events: NewEvent[]) => catalog.writeShared((writer) => writer.addEvents(events))
    const deliveries = (webhook: Webhook, state?: Delivery['state']) =>
      catalog.listDeliveries(webhook.id, { limit: 100 }, state)
    const targets = async (webhook: Webhook, state?: Delivery['state']) =>
      (await deliveries(webhook, state)).map(({ event }) => event.data['to']).reverse()
    const due = (now = NOW) => catalog.listDueQueues(now, HOUR, [])
    const note = (
      delivery: Delivery,
      state: Delivery['state'],
      nextAt = NOW,
      giveUpBefore: number | null = null,
    ) =>
      catalog.writeShared((writer) =>
        writer.noteAttempt({
          delivery: { id: delivery.id, webhook: delivery.webhook, model: delivery.event.model },
          state,
          at: NOW,
          status: 503,
          error: 'was answered 503',
          giveUpBefore,
          disabledReason: null,
          queue: { failures: 1, failingSince: NOW, nextAt, error: 'was answered 503' },
        }),
      )
    const head = async (queue: Pick<DeliveryQueue, 'webhook' | 'model'>): Promise<Delivery> =>
      (await catalog.firstWaiting(queue)) ?? expect.fail('nothing waits')

    describe('webhooks', () => {
      it('are kept as they were written, and found by id', async () => {
        const first = await insert({ name: 'ops', models: ['shop'], events: ['load.failed', 'tag.moved'] })
        const second = await insert({ previousSecret: { secret: 'whsec_b2xk', until: NOW } })
        expect(first).to.deep.equal({ ...aWebhook(first), id: first.id, lost: 0 })
        expect(await catalog.listWebhooks()).to.deep.equal([second, first])
        const changed = { ...first, enabled: false, disabledReason: 'gone', models: null, name: null }
        await catalog.writeShared((writer) => writer.updateWebhook(changed))
        expect(await catalog.findWebhook(first.id)).to.deep.equal(changed)
        expect(await catalog.findWebhook(999)).to.equal(undefined)
      })

      it('go with all that waits for them', async () => {
        const webhook = await insert()
        await add(aMove('shop', 1))
        await catalog.writeShared((writer) => writer.deleteWebhook(webhook.id))
        expect(await catalog.listWebhooks()).to.deep.equal([])
        expect(await due()).to.deep.equal([])
        expect(await deliveries(webhook)).to.deep.equal([])
      })
    })

    describe('events', () => {
      it('wait for the webhooks that want them, in order, each with a name of its own', async () => {
        const all = await insert()
        const one = await insert({ models: ['shop'] })
        const other = await insert({ events: ['release.published'] })
        await add(aMove('shop', 1), aMove('bank', 2), aMove(null, 3), aMove('shop', 4))
        expect(await targets(all)).to.deep.equal([1, 2, 3, 4])
        expect(await targets(one)).to.deep.equal([1, 3, 4])
        expect(await targets(other)).to.deep.equal([])
        const found = await deliveries(all)
        expect(new Set(found.map(({ message }) => message)).size).to.equal(4)
        expect(found.at(-1)).to.deep.include({ state: 'waiting', attempts: 0, queuedAt: NOW, endedAt: null })
        expect(found.at(-1)?.event).to.deep.include({ type: 'tag.moved', model: 'shop', tag: 'production' })
      })

      it('wait only where what raised them was done', async () => {
        const webhook = await insert()
        const failing = catalog.writeShared(async (writer) => {
          await writer.addEvents([aMove('shop', 1)])
          throw new Error('the disk is full')
        })
        expect(await failing.catch((error: unknown) => String(error))).to.include('the disk is full')
        expect(await deliveries(webhook)).to.deep.equal([])
      })

      it('do not wait for a webhook that is disabled', async () => {
        const webhook = await insert({ enabled: false })
        await add(aMove('shop', 1))
        expect(await deliveries(webhook)).to.deep.equal([])
      })

      it('wait in a limited number: the oldest are given up, and said to be', async () => {
        const webhook = await insert()
        for (let part = 0; part < 11; part++) {
          await add(...Array.from({ length: 1000 }, (_, index) => aMove('shop', part * 1000 + index)))
        }
        await add(aMove('shop', 11_000))
        const [summary] = await catalog.summarizeDeliveries()
        expect(summary).to.include({ waiting: 10_000, dead: 1_000 })
        expect(await catalog.findWebhook(webhook.id)).to.include({ lost: 1 })
        expect((await head({ webhook: webhook.id, model: 'shop' })).event.data['to']).to.equal(1001)
        const [dead] = await deliveries(webhook, 'dead')
        expect(dead?.error).to.include('10000 others waited')
      })
    })

    describe('queues', () => {
      it('are one for each model, due when something waits', async () => {
        const { id } = await insert()
        expect(await due()).to.deep.equal([])
        await add(aMove('shop', 1), aMove('shop', 2), aMove(null, 3))
        const found = await due()
        expect(found.map(({ model }) => model).sort()).to.deep.equal([null, 'shop'].sort())
        expect(found[0]).to.deep.include({ webhook: id, nextAt: NOW, failures: 0, failingSince: null })
        expect(await catalog.listDueQueues(NOW, HOUR, [id])).to.deep.equal([])
      })

      it('are not due before their pause is over, and are where the clock was set back', async () => {
        const { id } = await insert()
        await add(aMove('shop', 1), aMove('shop', 2))
        await note(await head({ webhook: id, model: 'shop' }), 'waiting', NOW + 5000)
        await add(aMove('shop', 3))
        expect(await due()).to.deep.equal([])
        expect(await due(NOW + 5000)).to.have.length(1)
        expect(await due(NOW - 2 * HOUR)).to.have.length(1)
      })

      it('go on with what follows when the first was delivered or given up, and end with the last', async () => {
        const webhook = await insert()
        const queue = { webhook: webhook.id, model: 'shop' }
        await add(aMove('shop', 1), aMove('shop', 2))
        await note(await head(queue), 'delivered')
        expect(await due()).to.have.length(1)
        await note(await head(queue), 'dead')
        expect(await due()).to.deep.equal([])
        expect(await targets(webhook, 'delivered')).to.deep.equal([1])
        expect(await targets(webhook, 'dead')).to.deep.equal([2])
        expect(await catalog.summarizeDeliveries()).to.deep.equal([
          {
            webhook: webhook.id,
            waiting: 0,
            dead: 1,
            oldestWaitingAt: null,
            failingSince: null,
            nextAt: null,
            error: null,
          },
        ])
      })

      it('give up what waited as long as the first', async () => {
        const webhook = await insert()
        await add(aMove('shop', 1, { at: NOW - 5 }), aMove('shop', 2, { at: NOW - 3 }), aMove('shop', 3))
        await note(await head({ webhook: webhook.id, model: 'shop' }), 'dead', NOW + 1, NOW - 2)
        expect(await targets(webhook, 'dead')).to.deep.equal([1, 2])
        expect(await targets(webhook, 'waiting')).to.deep.equal([3])
        expect((await deliveries(webhook, 'dead'))[0]?.error).to.include('never sent')
      })

      it('take a dead delivery back in its place, and are due at once', async () => {
        const webhook = await insert()
        await add(aMove('shop', 1), aMove('shop', 2))
        const first = await head({ webhook: webhook.id, model: 'shop' })
        await note(first, 'dead', NOW + HOUR)
        const again = () => catalog.writeShared((writer) => writer.queueAgain(first, NOW + 7))
        expect([await again(), await again()]).to.deep.equal([true, false])
        expect(await targets(webhook, 'waiting')).to.deep.equal([1, 2])
        expect(await head({ webhook: webhook.id, model: 'shop' })).to.include({
          id: first.id,
          queuedAt: NOW + 7,
        })
        expect(await due(NOW + 7)).to.have.length(1)
      })

      it('say since when they fail, and of what', async () => {
        const { id } = await insert()
        await add(aMove('shop', 1), aMove('bank', 2))
        await note(await head({ webhook: id, model: 'shop' }), 'waiting', NOW + 5000)
        const [summary] = await catalog.summarizeDeliveries()
        expect(summary).to.deep.equal({
          webhook: id,
          waiting: 2,
          dead: 0,
          oldestWaitingAt: NOW,
          failingSince: NOW,
          nextAt: NOW,
          error: 'was answered 503',
        })
      })

      it('are of no use without their webhook: an attempt that ends later changes nothing', async () => {
        const { id } = await insert()
        await add(aMove('shop', 1))
        const first = await head({ webhook: id, model: 'shop' })
        await catalog.writeShared((writer) => writer.deleteWebhook(id))
        await note(first, 'waiting')
        expect(await catalog.summarizeDeliveries()).to.deep.equal([])
      })
    })

    it('keeps the last 200 deliveries that arrived', async () => {
      const webhook = await insert()
      await add(...Array.from({ length: 202 }, (_, index) => aMove('shop', index)))
      await catalog.writeShared(async (writer) => {
        for (const { id } of (await writer.listDeliveries(webhook.id, { limit: 1000 })).reverse()) {
          await writer.noteAttempt({
            delivery: { id, webhook: webhook.id, model: 'shop' },
            state: 'delivered',
            at: NOW,
            status: 200,
            error: null,
            giveUpBefore: null,
            disabledReason: null,
            queue: { failures: 0, failingSince: null, nextAt: NOW, error: null },
          })
        }
      })
      const kept = await catalog.listDeliveries(webhook.id, { limit: 1000 })
      expect([kept.length, kept.at(-1)?.event.data['to']]).to.deep.equal([200, 2])
    })
  })
}
